// What file_download_endpoint leads to: the bytes of an item's file, for a caller with an API session (reference 8.3).
import { Hono } from 'hono'
import { fail, noSuch } from '../../rules/failure.ts'
import type { Received } from '../../rules/file.ts'
import { admit } from '../../http/call.ts'
import { proofIn } from '../../http/proof.ts'
import { renderFailure, type Render } from '../../http/render.ts'
import { bind, factsOf, failBy, publicUrlOf, respond } from '../../http/request-record.ts'

export const renderDownload: Render = (result) => {
  if (!result.ok) return renderFailure(result.failure)
  const { key, sizeBytes } = result.value as Received // what `locate` answers
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': `${sizeBytes}`,
    // Content is written once under its key, and never changed.
    etag: `"${key.slice(key.indexOf('/') + 1)}"`,
  }
  return { status: 200, headers, body: null }
}

export const download = new Hono<{ Bindings: Env }>()

download.get('/:library/:item/:name', async (c) => {
  const known = bind(c, 'download')
  const caller = await admit(c, proofIn(c.req.raw, publicUrlOf(c)))
  if (!caller.ok) return respond(c, renderDownload, caller)
  const { sandbox, who } = caller.value
  known.operation = 'download'
  const { item: itemId, name } = c.req.param()
  const version = c.req.query('version')
  const file = { caller: who, itemId, name, ...(version !== undefined && { version }) }
  const { result, ...answer } = await c.env.SANDBOXES.getByName(sandbox).locate(file, factsOf(c))
  Object.assign(known, answer, { sandbox, isRecorded: true })
  if (!result.ok) return respond(c, renderDownload, result)
  const object = await c.env.CONTENT.get(result.value.key)
  if (object) return respond(c, renderDownload, result, object.body)
  known.isRecorded = false
  failBy(c, 'rule', noSuch('file', name))
  return respond(c, renderDownload, fail(noSuch('file', name)))
})
