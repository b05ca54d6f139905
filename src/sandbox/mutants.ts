// A sandbox that answers wrongly on purpose: which of its calls, and one that leaves everything as it was.
import { operations } from '../operations/index.ts'
import type { Mutant } from '../rules/mutant.ts'
import type { Call, CallAnswer } from './call.ts'

const UPDATE_SESSION = 'com.vmware.content.library.item.update_session'

/** Runs a call as the mutant has it. A fault that a test asked for has the first say. */
export function runMutant(
  mutant: Mutant,
  { operation: name }: Call,
  storage: DurableObjectStorage,
  run: () => CallAnswer,
): CallAnswer {
  const operation = operations.get(name)
  // Without a login a test would see nothing else.
  if (!operation || operation.login) return run()
  const isChange = operation.service === UPDATE_SESSION && operation.method !== 'GET' && !operation.creates
  const answer = mutant === 'state-kept' && isChange ? undone(storage, run) : run()
  return { ...answer, fault: answer.fault ?? { id: `mutant-${mutant}`, mutant } }
}

/** What it answers; what it has written is rolled back. */
function undone<T>(storage: DurableObjectStorage, run: () => T): T {
  const answers: T[] = []
  const rollBack = new Error('rolled back')
  try {
    storage.transactionSync(() => {
      answers.push(run())
      throw rollBack
    })
  } catch (error) {
    if (error !== rollBack) throw error
  }
  return answers[0] as T // it has run, or thrown
}
