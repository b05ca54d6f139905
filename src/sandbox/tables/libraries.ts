// Libraries and their items.
import type { Item, Library } from '../../operations/store.ts'
import type { Database } from './database.ts'
import { Documents } from './documents.ts'
import type { ItemFiles } from './item-files.ts'
import type { UpdateSessions } from './update-sessions.ts'

export class Libraries extends Documents<Library> {
  readonly #items: Items

  constructor(database: Database, items: Items) {
    super(database, 'library')
    this.#items = items
  }

  override remove(id: string): void {
    for (const itemId of this.#items.idsIn(id)) this.#items.remove(itemId)
    super.remove(id)
  }
}

export class Items extends Documents<Item> {
  readonly #files: ItemFiles
  readonly #sessions: UpdateSessions

  constructor(database: Database, files: ItemFiles, sessions: UpdateSessions) {
    super(database, 'item', ({ libraryId, name }) => ({ library_id: libraryId, name }))
    this.#files = files
    this.#sessions = sessions
  }

  idsIn(libraryId: string): string[] {
    return this.ids('WHERE library_id = ?', libraryId)
  }

  isNameTaken(libraryId: string, name: string): boolean {
    return this.ids('WHERE library_id = ? AND name = ?', libraryId, name).length > 0
  }

  override remove(id: string): void {
    this.#sessions.removeOf(id)
    this.#files.removeAll(id)
    super.remove(id)
  }
}
