// The sandbox's tables, and whether storage has them.
import { SCHEMA } from './version.ts'

/**
 * update_file.content_key is what a file of an unfinished session holds; item_file.content_key is what a file of an item holds.
 * Content is a row of small_content, or parts in the store that a row of content stands for. held is how many bytes the sandbox
 * holds, which each transfer asks before it begins.
 *
 * Each page that a call changes costs it two writes of the log: so no column of an index is derived from one that changes more
 * often than it, and what has an id of its own has no rowid beside it.
 */
const TABLES = `
  CREATE TABLE api_session (
    token TEXT PRIMARY KEY, user TEXT NOT NULL, created_at INTEGER NOT NULL, last_accessed_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX api_session_by_access ON api_session (last_accessed_at);
  CREATE TABLE library (id TEXT PRIMARY KEY, document TEXT NOT NULL);
  CREATE TABLE item (id TEXT PRIMARY KEY, document TEXT NOT NULL, library_id TEXT NOT NULL, name TEXT NOT NULL);
  CREATE UNIQUE INDEX item_name ON item (library_id, name);
  CREATE TABLE update_session (
    id TEXT PRIMARY KEY, document TEXT NOT NULL, item_id TEXT NOT NULL, is_open INTEGER,
    created_at REAL NOT NULL DEFAULT (unixepoch('subsec')),
    expires_at INTEGER AS (document ->> 'expiresAt') STORED, settles_at INTEGER AS (document ->> 'settlesAt') STORED
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX update_session_by_item ON update_session (item_id, is_open);
  CREATE TABLE update_file (
    session_id TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, upload_token TEXT, content_key TEXT,
    pull_from INTEGER, PRIMARY KEY (session_id, name)
  );
  CREATE UNIQUE INDEX update_file_by_token ON update_file (upload_token) WHERE upload_token IS NOT NULL;
  CREATE INDEX update_file_by_content ON update_file (content_key) WHERE content_key IS NOT NULL;
  CREATE INDEX update_file_by_pull ON update_file (pull_from) WHERE pull_from IS NOT NULL;
  CREATE TABLE item_file (
    item_id TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, content_key TEXT NOT NULL,
    received TEXT NOT NULL, PRIMARY KEY (item_id, name)
  );
  CREATE INDEX item_file_by_content ON item_file (content_key);
  CREATE TABLE content (
    key TEXT PRIMARY KEY, lease_until INTEGER, purge_at INTEGER, bytes INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX content_by_lease ON content (lease_until) WHERE lease_until IS NOT NULL;
  CREATE INDEX content_by_purge ON content (purge_at) WHERE purge_at IS NOT NULL;
  CREATE TABLE small_content (key TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE held (bytes INTEGER NOT NULL, small_bytes INTEGER NOT NULL);
  INSERT INTO held (bytes, small_bytes) VALUES (0, 0);
  CREATE TRIGGER held_changes AFTER UPDATE OF bytes, purge_at ON content
  WHEN IIF(new.purge_at IS NULL, new.bytes, 0) <> IIF(old.purge_at IS NULL, old.bytes, 0)
  BEGIN
    UPDATE held SET bytes = bytes + IIF(new.purge_at IS NULL, new.bytes, 0) - IIF(old.purge_at IS NULL, old.bytes, 0);
  END;
  CREATE TRIGGER held_ends AFTER DELETE ON content WHEN old.purge_at IS NULL AND old.bytes > 0
  BEGIN
    UPDATE held SET bytes = bytes - old.bytes;
  END;
  CREATE TRIGGER small_content_comes AFTER INSERT ON small_content
  BEGIN
    UPDATE held SET bytes = bytes + LENGTH(new.bytes), small_bytes = small_bytes + LENGTH(new.bytes);
  END;
  CREATE TRIGGER small_content_goes AFTER DELETE ON small_content
  BEGIN
    UPDATE held SET bytes = bytes - LENGTH(old.bytes), small_bytes = small_bytes - LENGTH(old.bytes);
  END;
  CREATE TABLE ending (key TEXT PRIMARY KEY, answer TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX ending_by_time ON ending (until);
  CREATE TABLE replay (
    operation TEXT NOT NULL, token TEXT NOT NULL, spec TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (operation, token)
  ) WITHOUT ROWID;
  CREATE INDEX replay_by_id ON replay (id);
  CREATE TRIGGER library_ends AFTER DELETE ON library BEGIN DELETE FROM replay WHERE id = old.id; END;
  CREATE TRIGGER item_ends AFTER DELETE ON item BEGIN DELETE FROM replay WHERE id = old.id; END;
  CREATE TRIGGER update_session_ends AFTER DELETE ON update_session BEGIN DELETE FROM replay WHERE id = old.id; END;
  CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, entry TEXT NOT NULL);
  CREATE TABLE fault (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, fault TEXT NOT NULL);`

const VERSION = 'schema'
/** Instead of the version, in what was removed and still has bytes to delete. */
const REMOVED = 'removed'
/** What a sandbox knows of its marker in the bucket. */
export const MARKER = 'marker'

/** True when a client has logged in here before. Reading it writes nothing, and takes a microsecond. */
export const exists = ({ kv }: DurableObjectStorage): boolean => kv.get(VERSION) !== undefined

/** True when all that clients know of is gone, and the bytes are not. */
export const isRemoved = (storage: DurableObjectStorage): boolean => storage.kv.get(REMOVED) !== undefined

/** Deletes all that clients know of. What is known of bytes and of the marker stays until they are deleted. */
export function removeRows(storage: DurableObjectStorage, now: number): void {
  storage.transactionSync(() => {
    empty(storage.sql, now)
    markRemoved(storage)
  })
}

/** One that was removed has its tables, and goes on with what they know of bytes. */
export function createTables(storage: DurableObjectStorage): void {
  storage.transactionSync(() => {
    if (!isRemoved(storage)) storage.sql.exec(TABLES)
    storage.kv.delete(REMOVED)
    storage.kv.put(VERSION, SCHEMA)
  })
}

/**
 * Removes all that was stored with another number. Its rows cannot be read, so its bytes are known to no row: from here it
 * is a sandbox that was removed and still has bytes to delete. Answers whether there was something to remove.
 */
export function removeOtherVersion(storage: DurableObjectStorage): boolean {
  const found = storage.kv.get(VERSION) ?? storage.kv.get(REMOVED)
  if (found === undefined || found === SCHEMA) return false
  storage.transactionSync(() => {
    for (const name of tablesIn(storage.sql)) storage.sql.exec(`DROP TABLE "${name}"`)
    storage.sql.exec(TABLES)
    markRemoved(storage)
  })
  return true
}

function markRemoved({ kv }: DurableObjectStorage): void {
  for (const [key] of Array.from(kv.list())) if (key !== MARKER) kv.delete(key)
  kv.put(REMOVED, SCHEMA)
}

/** Leaves the tables as they were made; bytes in the store go on the purge list, and are not held any more. */
export function empty(sql: SqlStorage, now: number): void {
  const kept = ['content', 'held']
  for (const name of tablesIn(sql)) if (!kept.includes(name)) sql.exec(`DELETE FROM ${name}`)
  sql.exec('UPDATE content SET purge_at = ?', now)
}

const NAMES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_*' AND name NOT GLOB 'sqlite*'"
const tablesIn = (sql: SqlStorage): string[] => Array.from(sql.exec<{ name: string }>(NAMES), ({ name }) => name)
