// Every kind of test in one run: rules in plain Node, the worker in workerd, Pact against the built worker.
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { buildPages } from '../scripts/build-pages.ts'
import { VARIABLES } from './own-runtime/variables.ts'

// The workers' own configuration wants them to be there.
await buildPages()

const root = new URL('..', import.meta.url).pathname
/** How long `expect.poll` looks: a busy machine takes its time, and the one second of its own is soon over. */
const patient = { poll: { timeout: 20_000, interval: 20 } }
const node = {
  root,
  expect: patient,
  environment: 'node',
  pool: 'forks',
  setupFiles: 'test/support/quiet.ts',
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const
/** Nothing here asks the outside world, and pact's verifier would use a proxy even for the loopback address. */
const offline = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  HTTP_PROXY: '',
  HTTPS_PROXY: '',
  http_proxy: '',
  https_proxy: '',
}

/** They test what runs in workerd. */
const IN_WORKERD = ['operations', 'sandbox', 'content', 'http', 'bindings', 'admin']

/** It resets all the sandboxes there are. */
const ALL_SANDBOXES = 'test/admin/sandboxes.test.ts'

/** Those of them that ask the worker as any client could, and look into nothing. */
const OVER_HTTP = globSync(IN_WORKERD.map((folder) => `test/${folder}/**/*.test.ts`)).filter(
  (file) =>
    file !== ALL_SANDBOXES &&
    !/cloudflare:|(support\/(sandbox|stand-ins|worker)|src\/sandbox\/sandbox)\.ts/.test(readFileSync(file, 'utf8')),
)

/** Of these stories, what looks into an object all the same, or sends or computes what Node's own client cannot. */
const BESIDE = [
  'another SHA',
  'of no use to the item',
  'the end of its room',
  'MD5',
  'takes no bytes that say they are',
  'harmless headers',
  'stops keeping a body',
]
const stories = { include: OVER_HTTP, testNamePattern: new RegExp(`^(?!.*(?:${BESIDE.join('|')}))`) }

/** Tests that run in workerd, beside the worker. */
const inWorkerd = (test: { name: string; include: string[]; exclude?: string[]; isolate?: false }) => ({
  plugins: [
    cloudflareTest({
      // Else the runtime tells of every connection that a test breaks. What it calls an error it tells all the same.
      verbose: false,
      wrangler: { configPath: `${root}wrangler.toml` },
      miniflare: {
        cf: false,
        bindings: {
          ...VARIABLES,
          LOG_REQUESTS: 'off',
          LOCAL_ADMIN: 'on',
          OWN_CONNECTIONS: 'on',
        },
      },
    }),
  ],
  test: {
    ...test,
    root,
    expect: patient,
    globalSetup: ['test/support/source.ts'],
    setupFiles: ['test/support/properties.ts'],
    provide: { seed: numberFrom('SEED'), rounds: numberFrom('ROUNDS') },
    // The first request of a file starts a worker, which on a busy machine takes its time.
    testTimeout: 30_000,
    sequence: { groupOrder: 1 },
  },
})

/** Tests beside what they start; the groups run one after the other. */
const inNode = (name: string, groupOrder: number, include: string[], fileParallelism = true) => ({
  test: { ...node, name, include, fileParallelism, env: offline, sequence: { groupOrder } },
})

function numberFrom(variable: string): number {
  const value = Number(process.env[variable] ?? 1)
  if (!Number.isSafeInteger(value))
    throw new Error(`${variable} must be a whole number, not "${process.env[variable]}".`)
  return value
}

export default defineConfig({
  root,
  test: {
    globalSetup: ['test/global-setup.ts'],
    maxWorkers: 2,
    // While a run in workerd ends, when no test is open, the alarm of an object may still ask for its module.
    onUnhandledError: ({ name, message }) =>
      !(name === 'EnvironmentTeardownError' && message.endsWith('Closing rpc while "resolve" was pending')),
    coverage: {
      provider: 'istanbul',
      include: ['src/**/*.ts'],
      // The console runs in a browser, which nothing here measures.
      exclude: ['src/console/**'],
      reporter: ['text', 'json-summary'],
    },
    projects: [
      'test/rules/vitest.config.ts',
      inWorkerd({
        name: 'workers',
        include: IN_WORKERD.map((folder) => `test/${folder}/**/*.test.ts`),
        exclude: [ALL_SANDBOXES],
        // Every test makes its own ids, so that files share a worker: to start one takes most of a second.
        isolate: false,
      }),
      inWorkerd({ name: 'alone', include: [ALL_SANDBOXES] }),
      {
        // The same stories in the command's runtime, so that the two cannot differ.
        resolve: {
          alias: {
            'cloudflare:workers': `${root}test/own-runtime/cloudflare-workers.ts`,
            'cloudflare:test': `${root}test/own-runtime/cloudflare-test.ts`,
          },
        },
        test: {
          ...node,
          name: 'slow-stories',
          ...stories,
          globalSetup: ['test/support/source.ts', 'test/own-runtime/mock.ts'],
          setupFiles: ['test/support/properties.ts'],
          provide: { seed: numberFrom('SEED'), rounds: numberFrom('ROUNDS') },
          sequence: { groupOrder: 1 },
        },
      },
      inNode('node', 1, ['test/{node,client,docs}/*.test.ts']),
      // They start processes or measure for most of their time, so they run by `npm run test:slow`, in the gate too.
      inNode('slow', 1, ['test/node/process/*.test.ts', 'test/worst-inputs/**/*.test.ts']),
      inNode('browser', 4, ['test/console/*.test.ts']),
      inNode('consumer', 2, ['test/contract/*.consumer.test.ts'], false),
      inNode('provider', 3, ['test/contract/*provider.test.ts'], false),
    ],
  },
})
