// What file_download_endpoint leads to: the bytes of an item's file, for a caller with an API session (reference 8.3).
import { Hono } from 'hono'
import { partsOf } from '../../content/bucket.ts'
import { readContent } from '../../content/read.ts'
import { noSuch } from '../../rules/failure.ts'
import type { Received } from '../../rules/file.ts'
import { readRange } from '../../rules/range.ts'
import { admit } from '../../http/call.ts'
import { proofIn } from '../../http/proof.ts'
import { withoutBody, renderFailure, type Render } from '../../http/render.ts'
import { bind, factsOf, failBy, publicUrlOf, respond } from '../../http/request-record.ts'

/** What the request says of the piece that it wants. */
type Said = { range?: string; ifRange?: string }
const SAID_CHARS = 256

export const renderDownload: Render = (result, _, { said }) => {
  if (!result.ok) return renderFailure(result.failure)
  const received = result.value as Received // what `locate` answers
  const range = rangeOf(received, said)
  const headers = { 'accept-ranges': 'bytes', etag: etagOf(received) }
  const { sizeBytes } = received
  if (!range) return { ...withoutBody(416), headers: { ...headers, 'content-range': `bytes */${sizeBytes}` } }
  const { offset, lengthBytes } = range === 'all' ? { offset: 0, lengthBytes: sizeBytes } : range
  return {
    status: range === 'all' ? 200 : 206,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': `${lengthBytes}`,
      ...headers,
      ...(range !== 'all' && { 'content-range': `bytes ${offset}-${offset + lengthBytes - 1}/${sizeBytes}` }),
    },
    body: null,
  }
}

/** Content is written once under its key, and never changed. */
const etagOf = ({ key }: Received): string => `"${key.slice(key.indexOf('/') + 1)}"`

/** Of a file that is not any more what the client has a part of, it wants all. */
function rangeOf(received: Received, said: Said | undefined): ReturnType<typeof readRange> {
  const { range, ifRange = '' } = said ?? {}
  return readRange(['', etagOf(received)].includes(ifRange) ? range : undefined, received.sizeBytes)
}

export const download = new Hono<{ Bindings: Env }>()

download.get('/:library/:item/:name', async (c) => {
  const [range = '', ifRange = ''] = [c.req.header('range'), c.req.header('if-range')]
  // The journal keeps it. What is longer means nothing.
  const said: Said = range.length > SAID_CHARS || ifRange.length > SAID_CHARS ? {} : { range, ifRange }
  const known = bind(c, 'download', { said })
  const caller = await admit(c, proofIn(c.req.raw, publicUrlOf(c)))
  if (!caller.ok) return respond(c, renderDownload, caller)
  const { sandbox, who } = caller.value
  known.operation = 'download'
  const { item: itemId, name } = c.req.param()
  const version = c.req.query('version')
  const file = { caller: who, itemId, name, ...(version !== undefined && { version }) }
  const { result, bytes, ...answer } = await c.env.SANDBOXES.getByName(sandbox).locate(file, factsOf(c))
  Object.assign(known, answer, { sandbox, isRecorded: true })
  if (!result.ok) return respond(c, renderDownload, result)
  const wanted = rangeOf(result.value, said)
  if (!wanted || c.req.method === 'HEAD') return respond(c, renderDownload, result)
  const { sizeBytes } = result.value
  const piece = wanted === 'all' ? { offset: 0, lengthBytes: sizeBytes } : wanted
  const content = bytes
    ? new Blob([bytes.slice(piece.offset, piece.offset + piece.lengthBytes)]).stream()
    : await readContent(partsOf(c.env), result.value, piece)
  if (content) return respond(c, renderDownload, result, content)
  known.isRecorded = false
  return respond(c, renderDownload, failBy(c, 'rule', noSuch('file', name)))
})
