// The seed of every property here: fixed, unless SEED gives another one. A property that fails prints it.
import { configureGlobal } from 'fast-check'

const seed = Number(process.env['SEED'] ?? 17)
if (!Number.isSafeInteger(seed)) throw new Error(`SEED must be a whole number, not "${process.env['SEED']}".`)
// A mutant that a hundred runs do not find is seldom found by more, and there are many mutants.
configureGlobal({ seed, numRuns: process.env['STRYKER_MUTATOR_WORKER'] === undefined ? 1000 : 100 })
