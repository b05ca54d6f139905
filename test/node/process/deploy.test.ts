// The commands of docs/deploy.md and of the README, as they stand there, against an API that is not Cloudflare's.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { startCloudflareApi, type Metadata } from '../../support/cloudflare-api.ts'
import { run as runScript } from '../../support/command.ts'

/** What a dotenv file, or a shell, would change. */
const PASSWORD = 'pa$$word-$HOME-${PATH}-"\\#`'

/** The block of commands with which a page deploys. */
function commandsOf(page: string): string {
  const blocks = Array.from(readFileSync(page, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, block = '']) => block)
  const found = blocks.find((block) => block.includes('--secrets-file'))
  if (found === undefined) throw new Error(`${page} does not say how to deploy.`)
  return found.replace("'ci:choose-a-password'", () => `'ci:${PASSWORD}'`)
}

type Api = Awaited<ReturnType<typeof startCloudflareApi>>
let api: Api | undefined
afterEach(() => api?.stop())

/** Runs them where the API is this one. What the bucket is made with needs another account than a made-up one. */
function run(page: string, { url }: Api): Promise<string> {
  const env = { ...process.env, CLOUDFLARE_API_BASE_URL: url, CLOUDFLARE_API_TOKEN: 'token', CI: 'true' }
  const account = {
    CLOUDFLARE_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
    PATH: `node_modules/.bin:${process.env['PATH']}`,
  }
  const { promise, resolve } = Promise.withResolvers<string>()
  const commands = commandsOf(page)
    .split('\n')
    .filter((line) => !line.includes('r2 bucket create'))
    .join('\n')
  const child = execFile('bash', ['-c', commands], { env: { ...env, ...account } }, (_, stdout, stderr) =>
    resolve(stdout + stderr),
  )
  child.stdin?.end()
  return promise
}

/** The commands of wrangler that a page names, each with what stands behind it. */
const wranglersOf = (page: string): string[][] =>
  Array.from(readFileSync(page, 'utf8').matchAll(/npx wrangler ([^`\n]+)/g), ([, words = '']) =>
    words.trim().split(/\s+/),
  )
const COMMANDS = [
  'login',
  'deploy',
  'tail',
  'rollback',
  'delete',
  'secret put',
  'r2 bucket create',
  'r2 bucket delete',
  'r2 bucket lifecycle add',
]

/** What its help says: how many arguments it takes at least and at most, and its options. */
async function helpOf(command: string) {
  const { said: help } = await runScript('node_modules/wrangler/bin/wrangler.js', [...command.split(' '), '--help'])
  const [usage = ''] = new RegExp(`^wrangler ${command}.*$`, 'm').exec(help) ?? []
  return {
    least: usage.match(/<[^>]+>/g)?.length ?? 0,
    most: usage.match(/<[^>]+>|\[[^\]]+\]/g)?.length ?? 0,
    options: new Set(Array.from(help.matchAll(/ --([a-z][\w-]*)/g), ([, name]) => name)),
  }
}

describe.each(['docs/deploy.md', 'README.md'])('each wrangler command of %s', (page) => {
  it.each(wranglersOf(page).map((words) => [words.join(' '), words] as const))(
    '%s is in its help',
    async (_, words) => {
      const command = COMMANDS.find((each) => words.join(' ').startsWith(each))
      if (command === undefined) throw new Error(`There is no such command in the list: ${words.join(' ')}`)
      const { least, most, options } = await helpOf(command)
      const rest = words.slice(command.split(' ').length)
      const given = rest.filter((word) => word.startsWith('--')).map((word) => word.slice(2))
      // Each option here has a value but for these.
      const values = given.filter((name) => !['force', 'device'].includes(name)).length

      expect(Array.from(options)).toEqual(expect.arrayContaining(given))
      const count = rest.length - given.length - values
      expect(count).toBeGreaterThanOrEqual(least)
      expect(count).toBeLessThanOrEqual(most)
    },
  )
})

describe.each(['docs/deploy.md', 'README.md'])('the commands of %s', (page) => {
  it('deploy a Worker that keeps what is said to it to itself', async () => {
    let mode = 0
    api = await startCloudflareApi({ onUpload: () => (mode = statSync('secrets.json').mode) })

    const output = await run(page, api)

    expect(api.uploads, output).toHaveLength(1)
    const { bindings, ...metadata } = api.uploads[0] as Metadata // there is one, as just seen
    const secrets = Object.fromEntries(
      bindings.flatMap(({ name, type, text }) => (type === 'secret_text' ? [[name, text]] : [])),
    )
    expect(secrets).toEqual({
      CREDENTIALS: `ci:${PASSWORD}`,
      TOKEN_KEY: expect.stringMatching(/^[0-9a-f]{64}$/),
      ADMIN_TOKEN: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(output).toContain(secrets['ADMIN_TOKEN'])
    expect(output).not.toContain(secrets['TOKEN_KEY'])
    expect(metadata).toMatchObject({
      compatibility_flags: ['global_fetch_strictly_public'],
      observability: { logs: { invocation_logs: false }, traces: { enabled: false } },
    })
    expect(mode & 0o777).toBe(0o600)
    expect(existsSync('secrets.json')).toBe(false)
  })

  it('leave no file of secrets when the deployment fails', async () => {
    api = await startCloudflareApi({ refuses: true })

    const output = await run(page, api)

    expect(output).toContain('code: 10013')
    expect(existsSync('secrets.json')).toBe(false)
  })
})
