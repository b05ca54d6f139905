// Libraries and their items: rows to the operations' words and back.
import type { Item, Library } from '../../operations/store.ts'
import type { ItemFiles } from './item-files.ts'
import type { Database } from './database.ts'
import type { UpdateSessions } from './update-sessions.ts'

type LibraryRow = {
  id: string
  name: string
  description: string
  version: number
  created_at: number
  modified_at: number
  given: string
}
type ItemRow = {
  id: string
  library_id: string
  name: string
  description: string
  type: string | null
  source_id: string | null
  version: number
  content_version: number
  metadata_version: number
  created_at: number
  modified_at: number
}

export class Libraries {
  readonly #database: Database
  readonly #items: Items

  constructor(database: Database, items: Items) {
    this.#database = database
    this.#items = items
  }

  list(): Library[] {
    return this.#database.rows<LibraryRow>('SELECT * FROM library ORDER BY rowid').map(toLibrary)
  }

  find(id: string): Library | undefined {
    const [row] = this.#database.rows<LibraryRow>('SELECT * FROM library WHERE id = ?', id)
    return row && toLibrary(row)
  }

  insert(library: Library): void {
    this.#database.insert('library', fromLibrary(library))
  }

  save(library: Library): void {
    this.#database.update('library', library.id, fromLibrary(library))
  }

  remove(id: string): void {
    for (const item of this.#items.inLibrary(id)) this.#items.remove(item.id)
    this.#database.remove('library', id)
  }
}

export class Items {
  readonly #database: Database
  readonly #files: ItemFiles
  readonly #sessions: UpdateSessions

  constructor(database: Database, files: ItemFiles, sessions: UpdateSessions) {
    this.#database = database
    this.#files = files
    this.#sessions = sessions
  }

  list(): Item[] {
    return this.#database.rows<ItemRow>('SELECT * FROM item ORDER BY rowid').map(toItem)
  }

  inLibrary(libraryId: string): Item[] {
    return this.#database.rows<ItemRow>('SELECT * FROM item WHERE library_id = ? ORDER BY rowid', libraryId).map(toItem)
  }

  find(id: string): Item | undefined {
    const [row] = this.#database.rows<ItemRow>('SELECT * FROM item WHERE id = ?', id)
    return row && toItem(row)
  }

  insert(item: Item): void {
    this.#database.insert('item', fromItem(item))
  }

  save(item: Item): void {
    this.#database.update('item', item.id, fromItem(item))
  }

  remove(id: string): void {
    this.#sessions.removeOf(id)
    this.#files.removeAll(id)
    this.#database.remove('item', id)
  }
}

const fromLibrary = (library: Library): LibraryRow => ({
  id: library.id,
  name: library.name,
  description: library.description,
  version: library.version,
  created_at: library.createdAt,
  modified_at: library.modifiedAt,
  given: JSON.stringify(library.given),
})
const toLibrary = (row: LibraryRow): Library => ({
  id: row.id,
  name: row.name,
  description: row.description,
  version: row.version,
  createdAt: row.created_at,
  modifiedAt: row.modified_at,
  given: JSON.parse(row.given) as object, // written by fromLibrary
})
const fromItem = (item: Item): ItemRow => ({
  id: item.id,
  library_id: item.libraryId,
  name: item.name,
  description: item.description,
  type: item.type ?? null,
  source_id: item.sourceId ?? null,
  version: item.version,
  content_version: item.contentVersion,
  metadata_version: item.metadataVersion,
  created_at: item.createdAt,
  modified_at: item.modifiedAt,
})
const toItem = (row: ItemRow): Item => ({
  id: row.id,
  libraryId: row.library_id,
  name: row.name,
  description: row.description,
  ...(row.type !== null && { type: row.type }),
  ...(row.source_id !== null && { sourceId: row.source_id }),
  version: row.version,
  contentVersion: row.content_version,
  metadataVersion: row.metadata_version,
  createdAt: row.created_at,
  modifiedAt: row.modified_at,
})
