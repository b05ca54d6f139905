// The embedded server over https, as clients see it that speak nothing else.
import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serve, type Embedded } from '../../src/node/server.ts'
import { send } from './send.ts'

let server: Embedded
beforeAll(async () => {
  server = await serve({ https: true })
})
afterAll(() => server.stop())

const ask = (url: string, options: RequestOptions = {}, body?: Uint8Array | string) =>
  send(url, { ca: readFileSync(server.caFile ?? ''), ...options }, body)

const API = '/api/content/library/item/update-session'
const ITEM = '22222222-2222-4222-8222-222222222222'

async function login(): Promise<Record<string, string>> {
  const { text } = await ask(`${server.url}/api/session`, { method: 'POST', auth: 'tls:secret' })
  return { 'vmware-api-session-id': JSON.parse(text) as string, 'content-type': 'application/json' }
}

it('is trusted by clients that trust its authority, by address and by name', async () => {
  const byName = server.url.replace('127.0.0.1', 'localhost')

  await expect(ask(`${server.url}/openapi.json`)).resolves.toMatchObject({ status: 200 })
  await expect(ask(`${byName}/openapi.json`)).resolves.toMatchObject({ status: 200 })
})

it('is trusted by no other client', async () => {
  await expect(ask(server.url, { ca: [] })).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
})

it('sends uploads to itself, over https', async () => {
  const headers = await login()
  const created = await ask(`${server.url}${API}`, { method: 'POST', headers }, `{"library_item_id":"${ITEM}"}`)
  const id = JSON.parse(created.text) as string
  const added = await ask(
    `${server.url}${API}/${id}/file`,
    { method: 'POST', headers },
    '{"name":"disk.img","source_type":"PUSH","size":3000000}',
  )
  const { upload_endpoint } = JSON.parse(added.text) as { upload_endpoint: { uri: string } }

  expect(upload_endpoint.uri).toMatch(new RegExp(`^${server.url}/cls/data/`))
  await expect(ask(upload_endpoint.uri, { method: 'PUT' }, new Uint8Array(3_000_000))).resolves.toEqual({
    status: 200,
    text: '',
  })
  await expect(ask(`${server.url}${API}/${id}?action=cancel`, { method: 'POST', headers })).resolves.toEqual({
    status: 204,
    text: '',
  })
})
