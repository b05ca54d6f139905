// The probe of a transfer endpoint: in no specification any more, and asked for by `govc library.probe`.
import { describe, expect, inject, it } from 'vitest'
import { connect } from '../support/api.ts'
import { request } from '../support/http.ts'
import { invoke, optional, plain, structure, withSession } from '../support/json-rpc.ts'

const PROBE = '/rest/com/vmware/content/library/item/updatesession/file?~action=probe'

/** Below `localhost`, so that it may be pulled from; some machines find each such name, but none that is so long. */
const NO_HOST = `${'x'.repeat(64)}.localhost`

const ask = (uri: string, proof: Record<string, string> = {}) => {
  const headers = { 'content-type': 'application/json', ...proof }
  return request(PROBE, { method: 'POST', headers, body: JSON.stringify({ source_endpoint: { uri } }) })
}

async function probe(uri: string): Promise<unknown> {
  const response = await ask(uri, { 'vmware-api-session-id': (await connect()).token })
  expect(response.status).toBe(200)
  return (await response.json<{ value: unknown }>()).value
}

describe('the probe of a source', () => {
  it.each([
    ['answers', '/file'],
    ['redirects to one that answers', '/redirect/2'],
  ])('is a SUCCESS where it %s', async (_, path) => {
    expect(await probe(inject('sourceUrl') + path)).toEqual({ status: 'SUCCESS', error_messages: [] })
  })

  it.each([
    ['has no such thing', '/status/404', 'RESOURCE_NOT_FOUND', '404'],
    ['has it no more', '/status/410', 'RESOURCE_NOT_FOUND', '410'],
    ['wants a login', '/status/401', 'INVALID_CREDENTIALS', '401'],
    ['wants another login', '/status/403', 'INVALID_CREDENTIALS', '403'],
    ['is broken', '/status/500', 'UNKNOWN_ERROR', '500'],
    ['redirects to a host that is not allowed', '/elsewhere', 'UNKNOWN_ERROR', 'http://example.com/file'],
    ['does not answer', '/silent', 'TIMED_OUT', ''],
    ['does not answer Cloudflare', '/cloudflare/522', 'TIMED_OUT', 'error 522'],
    ['has a certificate that Cloudflare does not trust', '/cloudflare/526', 'CERTIFICATE_ERROR', 'Server not trusted'],
    ['has a name that Cloudflare does not know', '/cloudflare/530', 'HOST_NOT_FOUND', 'error 530'],
    ['speaks no TLS', 'https', 'CERTIFICATE_ERROR', 'Server not trusted'],
    ['is a host that is not there', `http://${NO_HOST}/`, 'HOST_NOT_FOUND', NO_HOST],
  ])('tells when the source %s', async (_, at, status, why) => {
    const uri = at === 'https' ? inject('sourceUrl').replace('http:', 'https:') : new URL(at, inject('sourceUrl')).href
    const default_message = expect.stringContaining(why) as string
    const message = { id: 'com.vmware.vdcs.cls-main.http_request_error', default_message }
    expect(await probe(uri)).toMatchObject({ status, error_messages: [message] })
  })

  it.each([
    ['no URL', 'nonsense', 'invalid_url_format'],
    ['an address of a datastore', 'ds:///vmfs/volumes/x/a.iso', 'file_probe_unsupported_uri_scheme'],
  ])('tells when it was given %s', async (_, uri, id) => {
    const message = { id: `com.vmware.vdcs.cls-main.${id}`, args: [uri] }
    expect(await probe(uri)).toMatchObject({ status: 'INVALID_URL', error_messages: [message] })
  })

  it('asks no source before the caller has logged in', async () => {
    const uri = `${inject('sourceUrl')}/file?${crypto.randomUUID()}`
    expect((await ask(uri)).status).toBe(401)
    const asked = await fetch(uri.replace('/file', '/asked/file'))
    expect(await asked.json()).toMatchObject({ times: 0 })
  })

  it('is there over JSON-RPC', async () => {
    const securityCtx = withSession((await connect()).token)
    const fields = { uri: 'nonsense', ssl_certificate: optional(undefined) }
    const input = { source_endpoint: structure('content.library.item.transfer_endpoint', fields) }
    const service = 'com.vmware.content.library.item.updatesession.file'

    const { result } = await invoke({ service, operation: 'probe', input, securityCtx })

    expect(plain(result?.output)).toMatchObject({ status: 'INVALID_URL' })
  })
})
