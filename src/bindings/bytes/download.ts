// What file_download_endpoint leads to: the bytes of an item's file, for a caller with an API session (reference 8.3).
import { Hono } from 'hono'
import { partsOf } from '../../content/bucket.ts'
import { readContent } from '../../content/read.ts'
import { contentDamaged, fail } from '../../rules/failure.ts'
import type { Received } from '../../rules/file.ts'
import { readRange, type Range } from '../../rules/range.ts'
import { admit } from '../../http/call.ts'
import { proofIn } from '../../http/proof.ts'
import { withoutBody, renderFailure, type Render } from '../../http/render.ts'
import { bind, factsOf, failByMethod, publicUrlOf, respond, type AppContext } from '../../http/request-record.ts'

/** What the request says of the file that it wants, and of the piece. */
type Said = { range?: string; ifRange?: string; ifMatch?: string; ifNoneMatch?: string }
const SAID_CHARS = 256

export const renderDownload: Render = (result, _, facts) => {
  if (!result.ok) return renderFailure(result.failure, facts)
  const received = result.value as Received // what `locate` answers
  const { sizeBytes } = received
  const wanted = wantedOf(received, facts.said)
  const headers = { 'accept-ranges': 'bytes', etag: etagOf(received) }
  if (wanted === 416) return { ...withoutBody(416), headers: { ...headers, 'content-range': `bytes */${sizeBytes}` } }
  if (typeof wanted === 'number') return { ...withoutBody(wanted), headers }
  const { offset, lengthBytes } = wanted === 'all' ? { offset: 0, lengthBytes: sizeBytes } : wanted
  return {
    status: wanted === 'all' ? 200 : 206,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': `${lengthBytes}`,
      ...headers,
      ...(wanted !== 'all' && { 'content-range': `bytes ${offset}-${offset + lengthBytes - 1}/${sizeBytes}` }),
    },
    body: null,
  }
}

/** Content is written once under its key, and never changed. */
const etagOf = ({ key }: Received): string => `"${key.slice(key.indexOf('/') + 1)}"`

/** All of the file or a piece of it; or the status that says why it is none (RFC 9110, section 13.2.2). */
function wantedOf(received: Received, said: Said = {}): Range | 'all' | 304 | 412 | 416 {
  const { range, ifRange = '', ifMatch = '', ifNoneMatch = '' } = said
  const etag = etagOf(received)
  if (ifMatch && !isAmong(etag, ifMatch)) return 412
  if (isAmong(etag, ifNoneMatch.replaceAll('W/', ''))) return 304
  // Of a file that is not any more what the client has a part of, it wants all.
  return readRange(['', etag].includes(ifRange) ? range : undefined, received.sizeBytes) ?? 416
}

const isAmong = (etag: string, list: string): boolean =>
  list.split(',').some((each) => ['*', etag].includes(each.trim()))

/** The journal keeps it. What is longer means nothing, and a range means nothing but in a GET (RFC 9110, section 14.2). */
function saidBy({ req }: AppContext): Said {
  const text = (name: string) => (req.header(name) ?? '').slice(0, SAID_CHARS + 1)
  const said = {
    ...(req.method === 'GET' && { range: text('range'), ifRange: text('if-range') }),
    ifMatch: text('if-match'),
    ifNoneMatch: text('if-none-match'),
  }
  return Object.values(said).some(({ length }) => length > SAID_CHARS) ? {} : said
}

export const download = new Hono<{ Bindings: Env }>()

download.get('/:library/:item/:name', async (c) => {
  const said = saidBy(c)
  const known = bind(c, 'download', { said })
  const caller = await admit(c, proofIn(c.req.raw, publicUrlOf(c)))
  if (!caller.ok) return respond(c, renderDownload, caller)
  const { sandbox: sandboxName, ...who } = caller.value
  known.operation = 'download'
  const { library: libraryId, item: itemId, name } = c.req.param()
  const version = c.req.query('version')
  const file = { caller: who, libraryId, itemId, name, ...(version !== undefined && { version }) }
  const sandbox = () => c.env.SANDBOXES.getByName(sandboxName)
  const { result, bytes, ...answer } = await sandbox().locate(file, factsOf(c))
  Object.assign(known, answer, { sandbox: sandboxName, isRecorded: true })
  if (!result.ok) return respond(c, renderDownload, result)
  const wanted = wantedOf(result.value, said)
  if (typeof wanted === 'number' || c.req.method === 'HEAD') return respond(c, renderDownload, result)
  const { key, sizeBytes } = result.value
  const piece = wanted === 'all' ? { offset: 0, lengthBytes: sizeBytes } : wanted
  const content = bytes
    ? new Blob([bytes.slice(piece.offset, piece.offset + piece.lengthBytes)]).stream()
    : await readContent(partsOf(c.env), result.value, piece, () => sandbox().isHeld(key))
  if (content) return respond(c, renderDownload, result, content)
  // Its record says that it was found.
  known.isRecorded = false
  return respond(c, renderDownload, fail(contentDamaged(name)))
})

download.all('/:library/:item/:name', (c) => {
  bind(c, 'download')
  return respond(c, renderDownload, failByMethod(c, ['GET', 'HEAD']))
})
