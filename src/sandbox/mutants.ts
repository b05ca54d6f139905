// A sandbox that answers wrongly on purpose: which of its calls, and one that leaves everything as it was.
import { operations } from '../operations/index.ts'
import { answerCall, type Call, type CallAnswer } from './call.ts'
import type { Tables } from './tables/open.ts'

const UPDATE_SESSION = 'com.vmware.content.library.item.update_session'

/** A call as the mutant of its sandbox has it, if there is one. A fault that a test asked for has the first say. */
export function answerAsMutant(call: Call, tables: Tables, storage: DurableObjectStorage): CallAnswer {
  const run = () => answerCall(call, tables)
  const { mutant } = tables.settings
  const operation = operations.get(call.operation)
  // Without a login a test would see nothing else.
  if (mutant === 'none' || call.isSpared || !operation || operation.login) return run()
  const isChange = operation.service === UPDATE_SESSION && operation.method !== 'GET' && !operation.creates
  const answer = mutant === 'state-kept' && isChange ? undone(storage, run) : run()
  return { ...answer, fault: answer.fault ?? { id: `mutant-${mutant}`, mutant } }
}

/** What it answers; what it has written is rolled back. */
function undone(storage: DurableObjectStorage, run: () => CallAnswer): CallAnswer {
  const answers: CallAnswer[] = []
  const rollBack = new Error('rolled back')
  try {
    storage.transactionSync(() => {
      answers.push(run())
      throw rollBack
    })
  } catch (error) {
    if (error !== rollBack) throw error
  }
  return answers[0] as CallAnswer // it has run, or thrown
}
