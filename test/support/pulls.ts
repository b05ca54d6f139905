// The source that files are pulled from (source.ts), as tests ask for it.
import { inject } from 'vitest'

/** What a good source sends. */
export const CONTENT = 'hello from the source'

/** An address of the source (`test/support/source.ts`) that only one test asks for. */
export const uriOf = (path: string) => `${inject('sourceUrl')}${path}?${crypto.randomUUID()}`

const askSource = (call: string, uri: string) =>
  fetch(uri.replace(inject('sourceUrl'), `${inject('sourceUrl')}/${call}`))

/** How often the source was asked for it, and how many of its answers are still open. */
export const asked = async (uri: string) => (await askSource('asked', uri)).json<{ times: number; open: number }>()

/** Lets a source behind a gate go on. */
export const openGate = async (uri: string) => (await askSource('open', uri)).body?.cancel()

/** The files that the sandbox has are to be pulled; so that no alarm of the platform orders that first. */
export const makePulls = (sql: SqlStorage, uri = 'http://x/') =>
  sql.exec(
    `UPDATE update_file SET pull_from = 1, file = json_set(file, '$.sourceType', 'PULL', '$.source.uri', ?)`,
    uri,
  )
