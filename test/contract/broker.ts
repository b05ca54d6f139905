// As much of a Pact Broker as a verification asks for: one pact, and a place for the results.
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { listen } from '../support/listen.ts'

const TOKEN = 'let-me-in'

type Options = {
  /** The one that it wants; the environment has another where this is another. */
  token?: string
  /** Whether the provider may still break this pact. */
  pending?: boolean
  /** Whether it has no pact. */
  isEmpty?: boolean
  /** What the broker answers to results. */
  publishing?: number
  hasBranches?: boolean
  /** What it answers to all. */
  status?: number
}

/** It runs as long as the test; `env` is what the environment of a verification has of it. */
export async function aBroker(
  pact: object,
  { token = TOKEN, pending = false, isEmpty = false, publishing = 201, hasBranches = true, status }: Options = {},
) {
  const asked: { method: string; path: string; body: unknown }[] = []
  const { url, stop } = await listen((request, response) => {
    const { method = '', url: path = '', headers } = request
    const links = (paths: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(paths).map(([name, path]) => [name, { href: url + path, templated: path.includes('{') }]),
      )
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/hal+json' }).end(JSON.stringify(body))
    const route = (body: string) => {
      asked.push({ method, path, body: body === '' ? undefined : (JSON.parse(body) as unknown) })
      if (status !== undefined) return answer(status, {})
      if (headers.authorization !== `Bearer ${token}`) return answer(401, {})
      const pacts = [
        {
          shortDescription: 'main',
          verificationProperties: { pending, notices: [] },
          _links: links({ self: '/pact' }),
        },
      ]
      const answers: Record<string, object> = {
        '/': { _links: links({ 'pb:provider-pacts-for-verification': '/for-verification/{provider}' }) },
        '/for-verification/content-library': {
          _embedded: { pacts: isEmpty ? [] : pacts },
          _links: links({ self: path }),
        },
        '/pact': {
          ...pact,
          _links: links({ self: path, 'pb:provider': '/provider', 'pb:publish-verification-results': '/results' }),
        },
        '/provider': {
          _links: links({ ...(hasBranches && { 'pb:branch-version': '/branches/{branch}/versions/{version}' }) }),
        },
        '/results': { _links: links({ self: '/results/1' }) },
      }
      const usual = path === '/results' ? publishing : method === 'PUT' || path in answers ? 200 : 404
      return answer(usual, answers[path] ?? { _links: links({ self: path }) })
    }
    void text(request).then(route)
  })
  onTestFinished(stop)
  return { url, asked, env: { PACT_BROKER_BASE_URL: url, PACT_BROKER_TOKEN: TOKEN } }
}
