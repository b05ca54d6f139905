// The documentation is held to the truth: what it shows is run, what it lists is complete, what it links exists.
import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { scripts } from '../../package.json'
import { serve } from '../../src/node/server.ts'
import { localVariables, secretSettings, visibleSettings } from '../../src/rules/settings.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const README = read('README.md')
const COMMAND = 'http://127.0.0.1:8989'

/** A block of commands and the answers that are shown below it, under the words that introduce them. */
type Step = { title: string; commands: string; answers: string }
const stepsOf = (text: string): Step[] =>
  Array.from(
    text.matchAll(/^\*\*([^*\n]+)\*\*.*\n(?:.+\n)*\n```bash\n([^`]*)```\n\n```text\n([^`]*)```/gm),
    ([, title = '', commands = '', answers = '']) => ({ title, commands, answers }),
  )

describe.each(['README.md', 'docs/admin.md'])('the walk of %s', (path) => {
  const text = read(path)
  const steps = stepsOf(text)
  let outputs: string[] = []

  beforeAll(async () => {
    const server = await serve()
    const directory = await mkdtemp(join(tmpdir(), 'walk-'))
    try {
      const walk = steps.map(({ commands }) => commands.replaceAll(COMMAND, server.url)).join(`echo '${END}'\n`)
      const { stdout } = await promisify(execFile)('bash', ['-c', walk], { cwd: directory })
      outputs = stdout.replaceAll(server.url, COMMAND).split(`${END}\n`)
    } finally {
      await rm(directory, { recursive: true })
      await server.stop()
    }
  })

  it('has every block of commands followed by its answers', () => {
    expect(steps).toHaveLength(text.match(/^```bash$/gm)?.length ?? 0)
  })

  it.each(steps.map(({ title, answers }, index) => ({ title, answers, index })))(
    'shows what comes of: $title',
    ({ answers, index }) => {
      expect(values(outputs[index] ?? '')).toEqual(values(answers))
    },
  )
})

const table = (header: string[], rows: string[][]) =>
  [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('')
const shown = (value: string, otherwise: string) => (value === '' ? otherwise : `\`${value}\``)

describe('the configuration', () => {
  const { vars, secrets, limits } = unstable_readConfig({ config: 'wrangler.toml' })

  it('is in the README as it is declared (`npm run tables` writes it)', async () => {
    const variables = visibleSettings.map((each) => [
      `\`${each.variable}\``,
      shown(each.default, '(none)'),
      each.summary,
    ])
    const hidden = secretSettings.map(({ variable, local, summary }) => [
      `\`${variable}\``,
      local === undefined ? '(none, or random)' : shown(local, '(empty)'),
      summary,
    ])

    const written = README.replace(
      /^\| variable .*\n(?:\|.*\n)+/m,
      table(['variable', 'default', 'what it does'], variables),
    ).replace(/^\| secret .*\n(?:\|.*\n)+/m, table(['secret', 'locally', 'what it does'], hidden))
    await expect(written).toMatchFileSnapshot('../../README.md')
  })

  it('is in wrangler.toml as it is declared', () => {
    expect(vars).toEqual(Object.fromEntries(visibleSettings.map((setting) => [setting.variable, setting.default])))
    expect(secrets?.required).toEqual(['TOKEN_KEY', 'CREDENTIALS'])
  })

  it('allows a deployed mock the CPU of its largest file, 36,000 MiB of an OVF with 8 ms each, and its calls', () => {
    expect(limits?.cpu_ms).toBeGreaterThanOrEqual(36_000 * 8)
    expect(limits?.subrequests).toBe(20_000)
  })

  it('is in .dev.vars what every local start has', () => {
    // Where the log goes is said by each start.
    expect({ ...parseEnv(read('.dev.vars')), LOG_REQUESTS: 'refused' }).toEqual(localVariables)
  })
})

describe('the page of provider states', () => {
  it('has every state, with its parameters, and no other', async () => {
    const rows = Array.from(
      read('docs/provider-states.md').matchAll(/^\| `(.+?)` \| (.*?) ?\|/gm),
      ([, name, text = '']) => [name, Array.from(text.matchAll(/`([a-z_]+)`/g), ([, parameter]) => parameter)],
    )
    const server = await serve()
    const answer = await server.ask('/__admin/pact/provider-states')
    await server.stop()

    const { states } = JSON.parse(answer.text) as { states: { name: string; parameters: { name: string }[] }[] }

    const shared = states.find(({ name }) => name === 'an update session')?.parameters.map(({ name }) => name) ?? []
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(
        states.map(({ name, parameters }) => {
          const names = parameters.map((each) => each.name)
          // "The same", as the page says of the state that takes what the one above it takes.
          return [
            name,
            name === 'an update session with a file' ? names.filter((each) => !shared.includes(each)) : names,
          ]
        }),
      ),
    )
  })
})

describe.each(globSync(['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'docs/*.md']))('%s', (path) => {
  const named = (pattern: RegExp) => Array.from(read(path).matchAll(pattern), ([, name = '']) => name)

  it('links to files that exist', () => {
    const links = named(/\]\(([^)#]+)/g).filter((link) => !/^https?:/.test(link))

    expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([])
  })

  it('names files that exist', () => {
    const files = named(/`((?:src|test|docs|scripts|pacts)\/[^`\s*…]+)`/g)

    expect(files.filter((name) => !existsSync(name))).toEqual([])
  })

  it('names scripts that exist', () => {
    expect(named(/npm run ([\w:]+)/g).filter((name) => !(name in scripts))).toEqual([])
  })
})

const END = '--- the next block ---'

/** The JSON values of a text, one after the other, however they are wrapped. */
function values(text: string): unknown[] {
  const found: unknown[] = []
  let begun = ''
  for (const line of masked(text).split('\n')) {
    begun += line
    try {
      found.push(JSON.parse(begun))
      begun = ''
    } catch {
      // It goes on in the next line.
    }
  }
  return begun === '' ? found : [...found, begun]
}

/** Ids and tokens by the order of their appearance, times as such. */
function masked(text: string): string {
  const seen: string[] = []
  const numbered = (id: string) => {
    if (/^(\d)\1{7}-/.test(id)) return id // one that every sandbox begins with
    if (!seen.includes(id)) seen.push(id)
    return `<id ${seen.indexOf(id)}>`
  }
  return text
    .replaceAll(/[\w-]+\.[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, numbered)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
}
