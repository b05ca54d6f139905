// What file_download_endpoint leads to: the bytes of an item's file, for a caller with an API session (reference 8.3).
import { Hono } from 'hono'
import { fail, noSuch, unauthenticated } from '../../rules/failure.ts'
import type { Received } from '../../rules/file.ts'
import { requireSettings } from '../../http/call.ts'
import { renderFailure, type Render } from '../../http/render.ts'
import { bind, factsOf, failBy, respond, TOKEN_HEADER } from '../../http/request-record.ts'
import { sandboxOf } from '../../http/token.ts'

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
  const settings = requireSettings(c)
  if (!settings.ok) return respond(c, renderDownload, settings)
  const token = c.req.header(TOKEN_HEADER) ?? ''
  const sandbox = await sandboxOf(token, c.env.TOKEN_KEY)
  if (sandbox === undefined) return respond(c, renderDownload, failBy(c, 'authentication', unauthenticated()))
  known.operation = 'download'
  const { item: itemId, name } = c.req.param()
  const version = c.req.query('version')
  const file = { token, itemId, name, ...(version !== undefined && { version }) }
  const { result, ...answer } = await c.env.SANDBOXES.getByName(sandbox).locate(file, factsOf(c))
  Object.assign(known, answer, { sandbox, isRecorded: true })
  if (!result.ok) return respond(c, renderDownload, result)
  const object = await c.env.CONTENT.get(result.value.key)
  if (object) return respond(c, renderDownload, result, object.body)
  known.isRecorded = false
  failBy(c, 'rule', noSuch('file', name))
  return respond(c, renderDownload, fail(noSuch('file', name)))
})
