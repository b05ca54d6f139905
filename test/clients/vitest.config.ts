// The clients that people really use, against the mock: `npm run test:clients`.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['test/clients/*.test.ts'],
    globalSetup: ['test/global-setup.ts', 'test/clients/setup.ts'],
    pool: 'forks',
    // One server and two cores: clients that wait for each other measure nothing.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
})
