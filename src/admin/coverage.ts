// How much of the contract has been met: each operation of the API, and the answers that the journal has of it.
import { all } from '../operations/index.ts'
import { id as idOf, pathKey } from '../operations/operation.ts'
import { ERROR_TYPES } from '../rules/failure.ts'
import type { MetAnswer } from '../sandbox/view.ts'
import { route } from './route.ts'
import type { CoverageView } from './view-shapes.ts'

export const coverage = [
  route('GET /coverage', {}, async ({ sandbox }) => coverageOf((await sandbox.view({ requests: 0 })).answers)),
]

export function coverageOf(entries: MetAnswer[]): CoverageView {
  const seen = Map.groupBy(entries, ({ operation }) => operation)
  const operations = all.map((operation) => {
    const calls = seen.get(idOf(operation)) ?? []
    const types = new Set([undefined, ...operation.errors, ...calls.map(({ type }) => type)])
    return {
      operation: idOf(operation),
      method: operation.method,
      path: `/api${pathKey(operation)}`,
      calls: calls.length,
      answers: Array.from(types, (wanted) => ({
        answer: wanted ?? 'OK',
        documented: wanted === undefined || operation.errors.includes(wanted),
        times: calls.filter(({ type }) => type === wanted).length,
      })),
    }
  })
  const documented = operations.flatMap(({ answers }) => answers.filter((answer) => answer.documented))
  return {
    operations,
    error_types: [...ERROR_TYPES],
    total: {
      operations: operations.length,
      called: operations.filter(({ calls }) => calls > 0).length,
      answers: documented.length,
      answered: documented.filter(({ times }) => times > 0).length,
    },
  }
}
