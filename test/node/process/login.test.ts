// Who may log in to a mock on this machine: any user, unless its variables say otherwise.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { start } from '../../../src/node/start.ts'
import { startedCommand } from '../../support/command.ts'

it('heeds an option of the command more than the same one in the environment', async () => {
  const env = { ...process.env, UPDATE_SESSION_MOCK_USER: 'ada' }

  expect((await startedCommand(['--user', 'eve'], { env })).text).toContain('curl -s -u eve:')
})

it.each<[string, string, number]>([
  ['CREDENTIALS=ada:love:lace,eve:x', 'the users that CREDENTIALS lists', 201],
  ['CREDENTIALS={"ada":"love,lace"}', 'the users that CREDENTIALS lists', 201],
  ['LOG_REQUESTS=off', 'any user with any password', 201],
])('is told by the command with --var %s: %s', async (variable, who, status) => {
  const { text } = await startedCommand(['--var', variable])

  expect(/^ {2}login +(.*)$/m.exec(text)?.[1]).toContain(who)
  const [, credentials = '', url = ''] = /curl -s -u (\S+) -X POST (\S+)/.exec(text) ?? []
  const answer = await fetch(url, { method: 'POST', headers: { authorization: `Basic ${btoa(credentials)}` } })
  expect(answer.status).toBe(status)
})

it.each([['ci-*:VMware1!'], [`{"it's":"pa $$ \\"word"}`]])(
  'is told by the command in words that a shell reads as they are: CREDENTIALS=%s',
  async (credentials) => {
    const { text } = await startedCommand(['--var', `CREDENTIALS=${credentials}`])
    const line = text.split('\n').find((each) => each.includes('curl -s')) ?? ''

    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line])

    expect(stdout).toMatch(/^"[\w.-]+"$/)
  },
)

it.each([
  ['', []],
  ['..', []],
  ['ci:1', []],
  ['ada', ['--var', 'CREDENTIALS=eve:x']],
])('is refused by the command to the user %j of --user', async (user, options) => {
  await expect(startedCommand(['--user', user, ...options])).rejects.toThrow('--user wants a user who may log in')
})

it('gives a client the password of its user', async () => {
  await using vcenter = await start({ vars: { CREDENTIALS: 'user:x,ada:lovelace' } })

  expect(vcenter.env('ada')).toMatchObject({ VSPHERE_USER: 'ada', VSPHERE_PASSWORD: 'lovelace' })
})
