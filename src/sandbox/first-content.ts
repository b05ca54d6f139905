// What a new sandbox holds, under ids that documentation and scripts can name.
import { newItem } from '../operations/item.ts'
import type { Store } from '../operations/store.ts'

const LIBRARY_ID = '11111111-1111-4111-8111-111111111111'
const ITEM_ID = '22222222-2222-4222-8222-222222222222'

export function insertFirstContent({ now, libraries, items }: Pick<Store, 'now' | 'libraries' | 'items'>): void {
  libraries.insert({
    id: LIBRARY_ID,
    name: 'local-library',
    description: 'The library every sandbox begins with',
    version: 1,
    createdAt: now,
    modifiedAt: now,
    given: { storage_backings: [{ type: 'DATASTORE', datastore_id: 'datastore-1' }] },
  })
  const description = 'The item every sandbox begins with'
  items.insert(newItem({ id: ITEM_ID, libraryId: LIBRARY_ID, name: 'item', description }, now))
}
