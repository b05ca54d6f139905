// A mock behind a proxy: with a PUBLIC_URL of another host than this machine, the admin API wants a token.
import { afterEach, expect, it } from 'vitest'
import { serve, type Embedded } from '../../src/node/server.ts'

let mock: Embedded | undefined
afterEach(() => mock?.stop())

it.each([
  ['https://mocks.example.com/mock', true],
  ['http://192.0.2.1:8989', true],
  ['http://localhost:8989', false],
  ['https://127.0.0.1', false],
  ['https://[::1]:8443', false],
  ['', false],
])('with the PUBLIC_URL "%s" a mock on loopback has a token of its own: %s', async (PUBLIC_URL, hasToken) => {
  mock = await serve({ vars: { PUBLIC_URL, LOG_REQUESTS: 'off' } })

  // As a proxy asks that sends the address it knows.
  const { status } = await fetch(`${mock.url}/__admin/clock`)
  expect([status, mock.token !== '']).toEqual([hasToken ? 403 : 200, hasToken])
})
