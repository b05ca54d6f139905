// What the client sends beside what its pact has, and what it makes of an answer that is none of the API's.
import { expect, it } from 'vitest'
import { clientOf, login } from '../../src/client/client.ts'

it.each([null, [], 'down', { messages: 'down' }, { messages: { en: 'down' } }])(
  'an error with the body %j is told by its status',
  async (body) => {
    const answer = login('http://vcenter.test', { user: 'u', password: 'p' }, async () =>
      Response.json(body, { status: 502, statusText: 'Bad Gateway' }),
    )
    await expect(answer).rejects.toMatchObject({ name: 'Refusal', message: '502 Bad Gateway: ', messages: [] })
  },
)

it('a user name with a colon is refused: by Basic it would be another user, and so another vCenter', async () => {
  const answer = login('http://vcenter.test', { user: 'ci:1', password: 'p' }, async () => Response.json('token'))

  await expect(answer).rejects.toThrow('The user name "ci:1" has a colon')
})

it('an item and a library are created below an address with a slash, with the token that makes a second time harmless', async () => {
  const sent: unknown[] = []
  const { items, libraries } = clientOf('http://vcenter.test/', 'token', async ({ url, headers }) => {
    sent.push([url, headers.get('client-token')])
    return Response.json('id')
  })

  for (const { create } of [items, libraries]) await create({}, 'again')

  const all = 'http://vcenter.test/api/content'
  expect(sent).toEqual([
    [`${all}/library/item`, 'again'],
    [`${all}/local-library`, 'again'],
  ])
})
