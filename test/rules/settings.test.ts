import { describe, expect, it } from 'vitest'
import { readSettings, whyNoStart, type DeploymentSettings } from '../../src/rules/settings.ts'

/** What a deployment must have. */
const SECRETS = { TOKEN_KEY: 'key', CREDENTIALS: 'ada:lovelace' }
const DAY_MS = 86_400_000

const read = (env: object) => {
  const settings = readSettings({ ...SECRETS, ...env })
  return settings.ok ? settings.value : settings.failure.messages[0]?.args[0]
}

describe('the settings', () => {
  it('are these, where only the secrets are set', () => {
    expect(read({})).toEqual({
      sessionIdleMs: 300_000,
      sessionRetentionMs: 3_600_000,
      apiSessionIdleMs: 1_800_000,
      sandboxIdleMs: 7 * DAY_MS,
      orphansMs: 3_600_000,
      retention: 'keep',
      storeBytes: 107_374_182_400,
      journalSize: 500,
      mutant: 'none',
      transferLeaseMs: 30_000,
      pullHosts: '',
      pullRetryMs: 1000,
      pullStallMs: 60_000,
      publicUrl: '',
      maxBodyBytes: 1_048_576,
      openLogin: 'off',
      plainHttpLogin: 'off',
      logRequests: 'json',
    } satisfies DeploymentSettings)
  })

  it('are read once for an environment', () => {
    const reads: PropertyKey[] = []
    const env = new Proxy(SECRETS, { get: (target, name) => (reads.push(name), Reflect.get(target, name)) as unknown })
    readSettings(env)
    const before = reads.length

    readSettings(env)

    expect(reads).toHaveLength(before)
  })
})

const TIMES = {
  SESSION_IDLE_SECONDS: 'sessionIdleMs',
  SESSION_RETENTION_SECONDS: 'sessionRetentionMs',
  API_SESSION_IDLE_SECONDS: 'apiSessionIdleMs',
  SANDBOX_IDLE_SECONDS: 'sandboxIdleMs',
  ORPHANS_SECONDS: 'orphansMs',
  TRANSFER_LEASE_SECONDS: 'transferLeaseMs',
  PULL_RETRY_SECONDS: 'pullRetryMs',
  PULL_STALL_SECONDS: 'pullStallMs',
} as const

describe.each(Object.entries(TIMES))('%s', (variable, name) => {
  const daysLimit = variable === 'SANDBOX_IDLE_SECONDS' ? 365 : 30

  it.each([
    ['5', 5000],
    [5, 5000],
    ['0.01', 10],
    ['300ms', 300],
    ['90s', 90_000],
    ['5m', 300_000],
    ['4h', 14_400_000],
    [`${daysLimit}d`, daysLimit * DAY_MS],
  ])('can be %j', (given, ms) => {
    expect(read({ [variable]: given })).toMatchObject({ [name]: ms })
  })

  it.each(['', '0', '-5', '-5m', 'abc', '5w', '5 m', '1e3', 'NaN', 'Infinity', `${daysLimit}.1d`, true, {}])(
    'cannot be %j',
    (given) => {
      expect(read({ [variable]: given })).toBe(variable)
    },
  )
})

describe.each([
  ['STORE_BYTES', 'storeBytes', 9_007_199_254_740_991],
  ['JOURNAL_SIZE', 'journalSize', 5000],
  ['MAX_BODY_BYTES', 'maxBodyBytes', 16_777_216],
])('%s', (variable, name, limit) => {
  it.each(['1', '1024', 1024, `${limit}`])('can be %j', (given) => {
    expect(read({ [variable]: given })).toMatchObject({ [name]: Number(given) })
  })

  it.each(['', '0', '-1', '1.5', 'abc', '1MiB', '1e3', `${limit + 1}`])('cannot be %j', (given) => {
    expect(read({ [variable]: given })).toBe(variable)
  })
})

describe.each([
  ['CONTENT_RETENTION', 'retention', ['keep', 'discard']],
  ['OPEN_LOGIN', 'openLogin', ['on', 'off']],
  ['PLAIN_HTTP_LOGIN', 'plainHttpLogin', ['on', 'off']],
  ['LOG_REQUESTS', 'logRequests', ['json', 'text', 'refused', 'off']],
])('%s', (variable, name, choices) => {
  it.each(choices)('can be %s', (given) => {
    expect(read({ [variable]: given })).toMatchObject({ [name]: given })
  })

  it.each(['', 'yes', choices[0]?.toUpperCase(), ` ${choices[0]}`])('cannot be %j', (given) => {
    expect(read({ [variable]: given })).toBe(variable)
  })
})

describe('PULL_HOSTS', () => {
  const right = ['', 'loopback', '*', 'example.com', 'Example.COM', '127.0.0.1', '[::1]', '*.example.com']
  it.each([...right, 'example.com, *.example.org,loopback,'])('can be %j', (given) => {
    expect(read({ PULL_HOSTS: given })).toMatchObject({ pullHosts: given })
  })

  const wrong =
    'http://foo foo:80 foo/bar user@foo foo. 127.1 münchen.example *foo *. *.*.a a;b good.example,http://foo'
  it.each([...wrong.split(' '), 'a b'])('cannot be %j', (given) => {
    expect(read({ PULL_HOSTS: given })).toBe('PULL_HOSTS')
  })
})

describe('PUBLIC_URL', () => {
  it.each([
    ['', ''],
    ['https://mock.example.com', 'https://mock.example.com'],
    ['http://localhost:8787//', 'http://localhost:8787'],
    ['https://mock.example.com/vc/', 'https://mock.example.com/vc'],
  ])('can be %j', (given, publicUrl) => {
    expect(read({ PUBLIC_URL: given })).toMatchObject({ publicUrl })
  })

  const wrong = 'foo / mock.example.com ftp://foo https:// https://a:b@foo https://foo?a https://foo#a'
  it.each(wrong.split(' '))('cannot be %j', (given) => {
    expect(read({ PUBLIC_URL: given })).toBe('PUBLIC_URL')
  })
})

describe('the secrets', () => {
  it.each([
    [{ CREDENTIALS: 'a:b,c:d' }],
    [{ CREDENTIALS: 'ada:love:lace' }],
    [{ CREDENTIALS: 'ci-*:pa$$wörd' }],
    [{ CREDENTIALS: '{"ada":"love,lace:1","ci-*":"x"}' }],
    [{ CREDENTIALS: '', OPEN_LOGIN: 'on' }],
    [{ CREDENTIALS: 'a:b', OPEN_LOGIN: 'on' }],
    [{ ADMIN_TOKEN: '' }],
    [{ ADMIN_TOKEN: 'open sesame' }],
    [{ LOCAL_ADMIN: 'on' }],
  ])('can be %j', (env) => {
    expect(read(env)).toBeTypeOf('object')
  })

  it.each([
    ['TOKEN_KEY', { TOKEN_KEY: undefined }],
    ['TOKEN_KEY', { TOKEN_KEY: '' }],
    ['CREDENTIALS', { CREDENTIALS: undefined }],
    ['CREDENTIALS', { CREDENTIALS: undefined, OPEN_LOGIN: 'on' }],
    ['CREDENTIALS', { CREDENTIALS: '' }],
    ['CREDENTIALS', { CREDENTIALS: '', OPEN_LOGIN: 'off' }],
    ['CREDENTIALS', { CREDENTIALS: 'foo' }],
    ['CREDENTIALS', { CREDENTIALS: 'foo:' }],
    ['CREDENTIALS', { CREDENTIALS: ':foo' }],
    ['CREDENTIALS', { CREDENTIALS: 'a:b,' }],
    ['CREDENTIALS', { CREDENTIALS: 'ada:love,lace' }],
    ['CREDENTIALS', { CREDENTIALS: '{' }],
    ['CREDENTIALS', { CREDENTIALS: '{}' }],
    ['CREDENTIALS', { CREDENTIALS: '{"ada":""}' }],
    ['CREDENTIALS', { CREDENTIALS: '{"ada":7}' }],
    ['CREDENTIALS', { CREDENTIALS: '{"":"x"}' }],
    ['CREDENTIALS', { CREDENTIALS: `${'ü'.repeat(128)}:b` }],
    ['ADMIN_TOKEN', { ADMIN_TOKEN: 'from-a-file\n' }],
    ['ADMIN_TOKEN', { ADMIN_TOKEN: 'sesame ' }],
    ['ADMIN_TOKEN', { ADMIN_TOKEN: 'sésame' }],
    ['OPEN_LOGIN', { CREDENTIALS: '', OPEN_LOGIN: 'yes' }],
    ['LOCAL_ADMIN', { LOCAL_ADMIN: 'yes' }],
    ['TOKEN_KEY, CREDENTIALS', { TOKEN_KEY: '', CREDENTIALS: 'foo' }],
  ])('%s cannot be: %j', (names, env) => {
    expect(read(env)).toBe(names)
  })
})

describe('a start', () => {
  it('goes on with what is right', () => {
    expect(whyNoStart({ SESSION_IDLE_SECONDS: '5m' }, SECRETS)).toBeUndefined()
  })

  it.each([
    [
      { SESSION_IDLE_SECONDS: '-5' },
      'SESSION_IDLE_SECONDS must be a time above 0 and up to 30 days, as 90s, 5m, 4h, 2d or a number of seconds, not "-5".',
    ],
    [
      { MAX_BODY_BYTES: '0', LOG_REQUESTS: 'all' },
      'MAX_BODY_BYTES must be a whole number of bytes from 1 to 16777216, not "0".\n' +
        'LOG_REQUESTS must be one of json, text, refused, off, not "all".',
    ],
    [
      { CREDENTIALS: 'secret' },
      'CREDENTIALS must be user:password pairs, separated by commas, or JSON as {"user":"password"}.',
    ],
    [{ CREDENTIALS: '' }, 'CREDENTIALS must be set, or empty with OPEN_LOGIN on.'],
    [{ SESSION_IDLE: '5' }, 'There is no variable SESSION_IDLE. Did you mean SESSION_IDLE_SECONDS?'],
    [{ LOCAL_ADMIN: 'on' }, expect.stringMatching(/^There is no variable LOCAL_ADMIN\. There are: .*PUBLIC_URL.*\.$/)],
  ])('is refused with %j, in words', (given, words) => {
    expect(whyNoStart(given, SECRETS)).toEqual(words)
  })
})
