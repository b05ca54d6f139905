// com.vmware.content.library.item.download_session: reference 4, as far as listing what is never there.
import * as z from 'zod'
import { fail, noSuch, ok } from '../rules/failure.ts'
import { operation } from './operation.ts'
import { Id, ids } from './schemas.ts'

/** No operation begins a download session here, but `govc library.session.ls` asks for them. */
const list = operation({
  service: 'com.vmware.content.library.item.download_session',
  name: 'list',
  path: '/content/library/item/download-session',
  query: ['library_item_id'],
  input: z.strictObject({ library_item_id: Id.optional() }),
  output: ids,
  errors: ['NOT_FOUND'],
  run: (store, { library_item_id: itemId }) =>
    itemId !== undefined && !store.items.find(itemId) ? fail(noSuch('library_item', itemId)) : ok([]),
})

export const downloadSession = [list]
