// The rules alone, in plain Node: a project of test/vitest.config.ts, and what the mutation test runs.
import { defineConfig } from 'vitest/config'

/** StrykerJS starts everything anew for each of its mutants: one file starts many times as fast as all. */
const isMutated = process.env['STRYKER_MUTATOR_WORKER'] !== undefined

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    name: 'rules',
    environment: 'node',
    include: [isMutated ? 'test/rules/all.ts' : 'test/rules/**/*.test.ts'],
    setupFiles: ['test/rules/seed.ts'],
    // They share nothing: one start is enough.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    sequence: { groupOrder: 1 },
  },
})
