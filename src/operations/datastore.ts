// com.vmware.vcenter.datastore, as far as its names: for SOAP alone, where clients look up what a library is to lie on.
import * as z from 'zod'
import { ok } from '../rules/failure.ts'
import { backingsOf } from './library.ts'
import { operation } from './operation.ts'
import { ids } from './schemas.ts'

/** There is no inventory: a sandbox knows the datastores that its libraries name. A datastore is called as its id is. */
export const listDatastores = operation({
  service: 'com.vmware.vcenter.datastore',
  name: 'list',
  path: '/vcenter/datastore',
  input: () => z.strictObject({}),
  output: ids,
  errors: [],
  run: ({ libraries }) =>
    ok([...new Set(libraries.list().flatMap((each) => backingsOf(each).flatMap(({ datastore_id: id }) => id ?? [])))]),
})
