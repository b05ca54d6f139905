// Libraries and their items.
import type { Item, Library } from '../../operations/store.ts'
import type { Contents } from './contents.ts'
import { Documents, type Database } from './database.ts'
import type { ItemFiles } from './item-files.ts'
import type { UpdateSessions } from './update-sessions.ts'

type Below = { itemFiles: ItemFiles; updateSessions: UpdateSessions; contents: Contents }

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
  readonly #below: Below

  constructor(database: Database, below: Below) {
    super(database, 'item', ({ libraryId, name }) => ({ library_id: libraryId, name }))
    this.#below = below
  }

  idsIn(libraryId: string): string[] {
    return this.ids('WHERE library_id = ?', libraryId)
  }

  isNameTaken(libraryId: string, name: string): boolean {
    return this.ids('WHERE library_id = ? AND name = ?', libraryId, name).length > 0
  }

  override remove(id: string): void {
    const { updateSessions, itemFiles, contents } = this.#below
    updateSessions.removeOf(id)
    contents.release(itemFiles.replace(id, []))
    super.remove(id)
  }
}
