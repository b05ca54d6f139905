// Every operation on an update session and its files, in every state, through every binding: 14 by 6 by 3.
import { operations } from '../../src/operations/index.ts'
import { id, type Operation } from '../../src/operations/operation.ts'
import { basic, LIBRARY } from '../support/client.ts'
import { BINDINGS, spell, type Binding } from '../support/spelling.ts'
import { ID, noPull, stopClock, TOKEN, UPLOAD, type Step, type Wait } from './step.ts'

const SESSION = 'com.vmware.content.library.item.update_session'
const FILE = 'com.vmware.content.library.item.updatesession.file'
const STATES = ['ACTIVE', 'COMPLETING', 'DONE', 'ERROR', 'CANCELED', 'gone'] as const
const cells = [...operations.values()].filter(({ service, isLegacy }) => [SESSION, FILE].includes(service) && !isLegacy)
export const CELLS = cells.length * STATES.length * BINDINGS.length

export const everyCell = (): Iterable<Step | Wait>[] => BINDINGS.map(cellsOf)

function* cellsOf(binding: Binding): Generator<Step | Wait> {
  let count = 0
  const user = `cells of ${binding}`
  yield* stopClock(user)
  const headers = { authorization: basic(user) }
  const login = { name: 'login', method: 'POST', path: '/api/session', headers }
  yield { ...login, takes: { slot: `${binding} token`, pattern: TOKEN } }
  for (const state of STATES)
    for (const operation of cells) yield* cell(binding, user, state, operation, `${binding} ${(count += 1)}`)
}

/** The state, what the operation answers there, and what it leaves. */
function* cell(
  binding: Binding,
  user: string,
  state: (typeof STATES)[number],
  operation: Operation,
  key: string,
): Generator<Step | Wait> {
  const [item, session] = [`item of ${key}`, `session of ${key}`]
  const caller = { token: `{{${binding} token}}`, user }
  const ids = { library_item_id: `{{${item}}}`, update_session_id: `{{${session}}}` }
  const given: Record<string, unknown> = {
    ...ids,
    create_spec: { library_item_id: `{{${item}}}` },
    update_spec: { warning_behavior: [] },
    client_error_message: 'the disk is full',
    client_progress: 50,
    file_spec: { name: 'b.iso', source_type: 'PUSH' },
    file_name: 'a.iso',
  }
  const ask = (asked: Operation | undefined, input: Record<string, unknown> = given): Step => {
    if (!asked) throw new Error('An operation of the lifecycle is not in the table.')
    const fields = Object.keys(asked.input().shape).filter((field) => input[field] !== undefined)
    return spell(binding, asked, Object.fromEntries(fields.map((field) => [field, input[field]])), caller)
  }

  const create_spec = { library_id: LIBRARY, name: key }
  const newItem = ask(operations.get('com.vmware.content.library.item.create'), { create_spec })
  yield { ...newItem, takes: { slot: item, pattern: ID } }
  yield { ...ask(ofSession('create')), takes: { slot: session, pattern: ID } }
  const file_spec = { name: 'a.iso', source_type: 'PUSH' }
  yield { ...ask(ofFile('add'), { ...ids, file_spec }), takes: { slot: `upload of ${key}`, pattern: UPLOAD } }
  yield { name: 'upload', method: 'PUT', path: `{{upload of ${key}}}`, headers: {}, body: 'hello' }
  if (state === 'COMPLETING') {
    const source_endpoint = { uri: '{{source}}/never' }
    yield ask(ofFile('add'), { ...ids, file_spec: { name: 'pulled.iso', source_type: 'PULL', source_endpoint } })
    yield { user, until: (all) => all.some(({ files }) => files.some(({ status }) => status === 'TRANSFERRING')) }
  }
  if (state === 'COMPLETING' || state === 'DONE') yield ask(ofSession('complete'))
  if (state === 'ERROR') yield ask(ofSession('fail'))
  if (state === 'CANCELED' || state === 'gone') yield ask(ofSession('cancel'))
  if (state === 'gone') yield ask(ofSession('delete'))
  yield { ...ask(operation), name: `${state}: ${id(operation).replace('com.vmware.', '')} through ${binding}` }
  yield ask(ofSession('get'))
  yield ask(ofFile('list'))
  if (state === 'COMPLETING') {
    yield ask(ofSession('cancel'))
    yield { user, until: noPull }
  }
}

const ofSession = (name: string) => operations.get(`${SESSION}.${name}`)
const ofFile = (name: string) => operations.get(`${FILE}.${name}`)
