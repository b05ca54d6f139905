// Passwords over plain http: refused by a deployed mock, on every binding.
import { expect, it } from 'vitest'
import { SESSIONS } from '../support/api.ts'
import { basic, freshUser } from '../support/client.ts'
import { loginForms } from '../support/login-forms.ts'
import { fetchWith } from '../support/worker.ts'

const user = freshUser()
const passwords: [string, string, RequestInit][] = [
  ...loginForms.map(([name, spell]): [string, string, RequestInit] => [name, ...spell(user, 'secret')]),
  ['a cancel', `${SESSIONS}/none?action=cancel`, { method: 'POST', headers: { authorization: basic(user) } }],
]

it.each(passwords)(
  'a password through %s is refused over plain http, where PLAIN_HTTP_LOGIN is off',
  async (_, path, init) => {
    const send = async (scheme: string, PLAIN_HTTP_LOGIN: 'on' | 'off') => {
      const answer = await fetchWith({ PLAIN_HTTP_LOGIN }, new Request(`${scheme}://mock.example${path}`, init))
      return answer.text()
    }

    const words = 'takes no password over plain http'
    expect(await send('http', 'off')).toContain(words)
    expect(await send('https', 'off')).not.toContain(words)
    expect(await send('http', 'on')).not.toContain(words)
  },
)
