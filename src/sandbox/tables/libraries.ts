// Libraries and their items: rows to the operations' words and back.
import type { Item, Library } from '../../operations/operation.ts'
import type { ItemFiles } from './item-files.ts'
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
  readonly #sql: SqlStorage
  readonly #items: Items

  constructor(sql: SqlStorage, items: Items) {
    this.#sql = sql
    this.#items = items
  }

  list(): Library[] {
    return Array.from(this.#sql.exec<LibraryRow>('SELECT * FROM library ORDER BY rowid'), toLibrary)
  }

  find(id: string): Library | undefined {
    const [row] = this.#sql.exec<LibraryRow>('SELECT * FROM library WHERE id = ?', id)
    return row && toLibrary(row)
  }

  insert(library: Library): void {
    this.#sql.exec('INSERT INTO library VALUES (?, ?, ?, ?, ?, ?, ?)', ...fromLibrary(library))
  }

  save(library: Library): void {
    this.#sql.exec(
      'UPDATE library SET (id, name, description, version, created_at, modified_at, given) = (?, ?, ?, ?, ?, ?, ?) WHERE id = ?',
      ...fromLibrary(library),
      library.id,
    )
  }

  remove(id: string): void {
    for (const item of this.#items.inLibrary(id)) this.#items.remove(item.id)
    this.#sql.exec('DELETE FROM library WHERE id = ?', id)
    this.#sql.exec('DELETE FROM replay WHERE id = ?', id)
  }
}

export class Items {
  readonly #sql: SqlStorage
  readonly #files: ItemFiles
  readonly #sessions: UpdateSessions

  constructor(sql: SqlStorage, files: ItemFiles, sessions: UpdateSessions) {
    this.#sql = sql
    this.#files = files
    this.#sessions = sessions
  }

  list(): Item[] {
    return Array.from(this.#sql.exec<ItemRow>('SELECT * FROM item ORDER BY rowid'), toItem)
  }

  inLibrary(libraryId: string): Item[] {
    return Array.from(
      this.#sql.exec<ItemRow>('SELECT * FROM item WHERE library_id = ? ORDER BY rowid', libraryId),
      toItem,
    )
  }

  find(id: string): Item | undefined {
    const [row] = this.#sql.exec<ItemRow>('SELECT * FROM item WHERE id = ?', id)
    return row && toItem(row)
  }

  insert(item: Item): void {
    this.#sql.exec('INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...fromItem(item))
  }

  save(item: Item): void {
    this.#sql.exec(
      `UPDATE item SET (id, library_id, name, description, type, source_id, version, content_version, metadata_version,
       created_at, modified_at) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?`,
      ...fromItem(item),
      item.id,
    )
  }

  remove(id: string): void {
    this.#sessions.removeOf(id)
    this.#files.removeAll(id)
    this.#sql.exec('DELETE FROM replay WHERE id = ?', id)
    this.#sql.exec('DELETE FROM item WHERE id = ?', id)
  }
}

const fromLibrary = (library: Library) => [
  library.id,
  library.name,
  library.description,
  library.version,
  library.createdAt,
  library.modifiedAt,
  JSON.stringify(library.given),
]
const toLibrary = (row: LibraryRow): Library => ({
  id: row.id,
  name: row.name,
  description: row.description,
  version: row.version,
  createdAt: row.created_at,
  modifiedAt: row.modified_at,
  given: JSON.parse(row.given) as object, // written by fromLibrary
})
const fromItem = (item: Item) => [
  item.id,
  item.libraryId,
  item.name,
  item.description,
  item.type ?? null,
  item.sourceId ?? null,
  item.version,
  item.contentVersion,
  item.metadataVersion,
  item.createdAt,
  item.modifiedAt,
]
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
