// docs/stability.md lists what is stable: its lists are those of the code.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve } from '../../src/node/server.ts'
import { start, type VCenter } from '../../src/node/start.ts'
import { COMMAND, run } from '../support/command.ts'

const PAGE = readFileSync('docs/stability.md', 'utf8')

/** The names in code marks of a text. */
const marked = (text: string) => new Set(Array.from(text.matchAll(/`([^`]+)`/g), ([, name = '']) => name))
/** What the page says between these words. */
const between = (from: string, to: string) => PAGE.slice(PAGE.indexOf(from) + from.length).split(to)[0] ?? ''

describe('what docs/stability.md calls stable', () => {
  let vcenter: VCenter
  beforeAll(async () => {
    vcenter = await start({ https: true })
  })
  afterAll(() => vcenter.stop())

  it('are the imports that the package has', () => {
    const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; exports: object }

    const rows = Array.from(PAGE.matchAll(/^\| `(update-session-mock[^`]*)` \|/gm), ([, row]) => row)
    expect(new Set(rows)).toEqual(new Set(Object.keys(exports).map((path) => name + path.slice(1))))
  })

  it('are the options and the members of start()', () => {
    const options = [
      ['src/node/server.ts', 'export type StartOptions = TlsOptions & {'],
      ['src/node/tls.ts', 'export type TlsOptions = {'],
    ].flatMap(([file = '', declaration = '']) => {
      const [, declared = ''] = readFileSync(file, 'utf8').split(declaration)
      return Array.from(declared.split('\n}', 1)[0]?.matchAll(/^ {2}(\w+)\?:/gm) ?? [], ([, name]) => name)
    })

    expect(marked(between('`start()` takes', '. It returns'))).toEqual(new Set(options))
    expect(marked(between('. It returns', '.\n'))).toEqual(new Set(Object.keys(vcenter)))
  })

  it('are the options of the command', async () => {
    const { said } = await run(COMMAND, ['--help'])

    const options = Array.from(said.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm), ([, name]) => name)
    expect(marked(between('`update-session-mock` takes', ', and has'))).toEqual(new Set(options))
  })

  it('are the calls of the admin API', async () => {
    const server = await serve()
    // A call that does not exist is answered with those that do.
    const answer = await server.ask('/__admin/none', { method: 'GET', headers: {} })
    await server.stop()
    const { errors } = JSON.parse(answer.text) as { errors: { valid: string[] }[] }

    const rows = Array.from(PAGE.matchAll(/^\| `\/__admin(\S+)` \| (.+) \|$/gm), ([, path = '', methods = '']) =>
      methods.split(', ').map((method) => `${method} /__admin${path}`),
    ).flat()

    expect(new Set(rows)).toEqual(new Set(errors[0]?.valid))
  })
})
