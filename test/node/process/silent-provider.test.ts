// A server that takes requests and does not answer: a verification and a smoke test wait for half a minute, and say so.
import { expect, it, onTestFinished } from 'vitest'
import { aCancel, aFile, at, verify } from '../../contract/verify.ts'
import { COMMAND, refused, run } from '../../support/command.ts'
import { listen } from '../../support/listen.ts'

it('is waited for half a minute, at a login and at the request of an interaction', { timeout: 90_000 }, async () => {
  const silent = await listen(() => undefined)
  const loggedIn = await listen(({ url, method }, response) => {
    if (url !== '/api/session') return
    response.writeHead(method === 'POST' ? 201 : 204, { 'content-type': 'application/json' })
    response.end(method === 'POST' ? '"token"' : undefined)
  })
  const mock = await listen(({ method }, response) => method === 'GET' && response.end('{"version":"1"}'))
  for (const { stop } of [silent, loggedIn, mock]) onTestFinished(stop)
  const pact = await aFile(aCancel((interaction) => (interaction.providerStates = [{ name: 'an API session' }])))

  const [login, request, smoke] = await Promise.all([
    verify([pact, ...at(silent.url)]),
    verify([pact, ...at(loggedIn.url)]),
    run(COMMAND, ['smoke', mock.url, '--user', 'a', '--password', 'a']),
  ])

  expect(login).toEqual(refused(`There is no logging in to ${silent.url}: The operation was aborted due to timeout`))
  expect(request).toMatchObject({ code: 1, said: expect.stringContaining('was not answered.') })
  expect(smoke.said).toMatch(/✗ a login, .* The operation was aborted due to timeout/)
})
