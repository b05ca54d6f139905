// The seed of every property test: fixed, unless SEED gives another one. A property that fails prints it.
import { configureGlobal } from 'fast-check'
import { inject } from 'vitest'

declare module 'vitest' {
  export interface ProvidedContext {
    seed: number
    /** How many times the usual number of runs the model tests make. */
    rounds: number
  }
}

configureGlobal({ seed: inject('seed') })
