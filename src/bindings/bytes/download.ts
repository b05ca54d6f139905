// What file_download_endpoint leads to: the bytes of an item's file, for a caller with an API session (reference 8.3).
import { Hono } from 'hono'
import { noSuch, unauthenticated } from '../../rules/failure.ts'
import { refuse } from '../rest/api.ts'
import { refused } from '../../http/call.ts'
import { sandboxOf } from '../../http/token.ts'

export const download = new Hono<{ Bindings: Env }>()

download.get('/:library/:item/:name', async (c) => {
  const token = c.req.header('vmware-api-session-id') ?? ''
  const sandbox = await sandboxOf(token, c.env.TOKEN_KEY)
  if (sandbox === undefined) return refuse(c, unauthenticated())
  c.set('sandbox', sandbox)
  const { item, name } = c.req.param()
  c.set('operation', 'download')
  const { result: located, fault } = await c.env.SANDBOXES.getByName(sandbox).locate(
    token,
    item,
    name,
    c.req.query('version'),
  )
  if (fault) c.set('fault', fault)
  if (!located.ok) {
    refused(c, fault ? 'fault' : 'rule', located.failure)
    return refuse(c, located.failure)
  }
  const object = await c.env.CONTENT.get(located.value.key)
  if (!object) return refuse(c, noSuch('file', name))
  return c.body(object.body, 200, {
    'content-type': 'application/octet-stream',
    'content-length': `${object.size}`,
    etag: object.httpEtag,
  })
})
