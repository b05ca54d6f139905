// What the client makes of an answer that is none of the API's.
import { expect, it } from 'vitest'
import { login } from '../../src/client/client.ts'

it.each([null, [], 'down', { messages: 'down' }, { messages: { en: 'down' } }])(
  'an error with the body %j is told by its status',
  async (body) => {
    const answer = login('http://vcenter.test', { user: 'u', password: 'p' }, async () =>
      Response.json(body, { status: 502, statusText: 'Bad Gateway' }),
    )
    await expect(answer).rejects.toMatchObject({ name: 'Refusal', status: 502, messages: [] })
  },
)
