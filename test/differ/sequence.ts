// A seeded sequence of requests over every binding: whole lives of sessions, and between them what is asked at random.
import * as fc from 'fast-check'
import { operations } from '../../src/operations/index.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { headerSafe, partsOf } from '../fuzz/requests.ts'
import { basic, ITEM, LIBRARY } from '../support/client.ts'
import { createRandom } from '../support/random.ts'
import { credentials, methodCall, property } from '../support/soap-call.ts'
import { BINDINGS, spell, type Binding } from '../support/spelling.ts'
import { admin, DOWNLOAD, ID, noPull, stopClock, TOKEN, UPLOAD, type Step, type Wait } from './step.ts'

const CONTENT = 'hello'
const SHA1 = 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'
/** Each in a sandbox of its own, some under names that are not plain. */
const CHAPTER = 400
const USERS = ['user', 'Ünïcode', 'with space', 'a/b', 'DOMAIN\\name']

/** So many requests in all, in sandboxes that know nothing of one another. */
export function chapters(seed: number, requests: number): Iterable<Step | Wait>[] {
  return Array.from({ length: Math.ceil(requests / CHAPTER) }, (_, at) => {
    const user = `${USERS[at % USERS.length]} ${at}`
    return first(new Chapter(user, randomOf(seed * 1009 + at)).steps(), Math.min(CHAPTER, requests - at * CHAPTER))
  })
}

function* first(steps: Iterable<Step | Wait>, requests: number): Generator<Step | Wait> {
  let left = requests
  for (const step of steps) {
    yield step
    if ('path' in step && (left -= 1) === 0) return
  }
}

type Random = ReturnType<typeof randomOf>
function randomOf(seed: number) {
  const random = createRandom(seed)
  return {
    chance: (probability: number) => random(2 ** 32) < probability * 2 ** 32,
    /** One of them, of which there is at least one. */
    pick: <T>(all: readonly [T, ...T[]] | readonly T[]): T => all[random(all.length)] as T,
    /** Made by fast-check, the same for the same seed. */
    sample: <T>(values: fc.Arbitrary<T>): T => fc.sample(values, { seed: random(2 ** 31), numRuns: 1 })[0] as T,
  }
}

type Slot = 'token' | 'session' | 'item' | 'library' | 'upload' | 'download' | 'seeded'
type Input = Record<string, unknown>

/** What one user does, and those who take them for another. */
class Chapter {
  readonly #user: string
  readonly #random: Random
  readonly #slots: Record<Slot, string[]> = {
    token: [],
    session: [`${fixedId(1)}:${fixedId(2)}`],
    item: [ITEM],
    library: [LIBRARY],
    upload: ['/cls/data/unknown/a.iso'],
    download: [`/cls/static/${LIBRARY}/${ITEM}/a.iso?version=1`],
    seeded: ['unknown'],
  }
  #count = 0

  constructor(user: string, random: Random) {
    this.#user = user
    this.#random = random
  }

  *steps(): Generator<Step | Wait> {
    yield* stopClock(this.#user)
    for (;;) {
      // Clocks that were moved and logouts have ended some.
      for (const binding of BINDINGS) yield this.#logIn(binding)
      for (let lives = 0; lives < 3; lives += 1) yield* this.#life()
    }
  }

  /** From an item to its file, or to wherever it ends. */
  *#life(): Generator<Step | Wait> {
    const { pick, chance } = this.#random
    const item = chance(0.6) ? this.#next('item') : pick([ITEM, this.#recent('item')])
    if (!this.#slots.item.includes(item)) {
      const create_spec = {
        library_id: pick([LIBRARY, LIBRARY, this.#recent('library')]),
        name: `item ${this.#count}`,
        ...(chance(0.5) && { type: pick(['iso', 'ovf', 'vm-template']) }),
      }
      yield this.#create('content.library.item.create', { create_spec }, 'item', item)
    }
    const update_session_id = this.#next('session')
    const create_spec = { library_item_id: item }
    yield this.#create(`${SESSION}.create`, { create_spec }, 'session', update_session_id)
    const files = chance(0.3) ? ['a.iso', 'b.iso'] : [pick(['a.iso', 'c.ovf', 'd.mf', 'ü 1.iso'])]
    for (const name of files) {
      const source_type = pick(['PUSH', 'PUSH', 'PUSH', 'PULL', 'NONE'])
      const file_spec = {
        name,
        source_type,
        ...(source_type === 'PULL' && { source_endpoint: { uri: '{{source}}/file' } }),
        ...(chance(0.4) && { size: CONTENT.length }),
        ...(chance(0.3) && { checksum_info: { checksum: SHA1 } }),
      }
      yield this.#create(`${FILE}.add`, { update_session_id, file_spec }, 'upload', this.#next('upload'), UPLOAD)
      if (source_type === 'PULL') yield { user: this.#user, until: noPull }
      yield* this.#between()
      if (source_type === 'PUSH' && chance(0.85)) yield this.#upload()
    }
    for (const name of ['get', 'keep_alive', 'update'])
      if (chance(0.4))
        yield this.#ask(`${SESSION}.${name}`, {
          update_session_id,
          client_progress: pick([10, 50]),
          update_spec: { warning_behavior: [{ type: 'UNTRUSTED_CERTIFICATE', ignored: true }] },
        })
    for (const name of ['list', 'validate', 'get', 'remove'])
      if (chance(name === 'remove' ? 0.2 : 0.4))
        yield this.#ask(`${FILE}.${name}`, { update_session_id, file_name: files[0] })
    yield* this.#between()
    const end = pick(['complete', 'complete', 'complete', 'cancel', 'fail', 'delete'])
    yield this.#ask(`${SESSION}.${end}`, { update_session_id, client_error_message: 'the disk is full' })
    yield this.#ask(`${SESSION}.get`, { update_session_id })
    if (end === 'complete') {
      const download = this.#next('download')
      yield this.#create('content.library.item.file.list', { library_item_id: item }, 'download', download, DOWNLOAD)
      const [name] = files
      for (const read of ['file.get', 'storage.list', 'storage.get'])
        if (chance(0.5))
          yield this.#ask(`content.library.item.${read}`, { library_item_id: item, name, file_name: name })
      yield this.#download(download)
    }
    if (chance(0.3)) yield* this.#libraryLife()
    yield* this.#between()
    if (chance(0.5)) yield this.#ask(`${SESSION}.delete`, { update_session_id })
  }

  *#libraryLife(): Generator<Step> {
    const { pick, chance } = this.#random
    const [library_id, library_item_id] = [this.#next('library'), this.#next('item')]
    const name = `library ${this.#count}`
    const backing = { type: 'DATASTORE', datastore_id: 'datastore-1' }
    const storage_backings = pick([[backing], [backing], [backing], [], [backing, backing]])
    const update_spec = pick([{ description: 'hello' }, { name: '' }, { version: '1' }, { version: '9' }])
    const [local, item] = ['content.local_library', 'content.library.item']
    const input = { library_id, library_item_id, spec: { name }, update_spec }
    yield this.#create(`${local}.create`, { create_spec: { name, storage_backings } }, 'library', library_id)
    yield this.#create(`${item}.create`, { create_spec: { library_id, name } }, 'item', library_item_id)
    for (const id of OF_LIBRARIES) if (chance(0.5)) yield this.#ask(id, input)
    for (const each of [`${item}.delete`, `${local}.delete`]) if (chance(0.5)) yield this.#ask(each, input)
  }

  /** One to three requests of any kind. */
  *#between(): Generator<Step | Wait> {
    const { chance } = this.#random
    do {
      if (chance(0.2)) yield* this.#steer()
      else if (chance(0.1)) yield this.#soap()
      else {
        yield this.#odd()
        // It may have added a file that is pulled.
        yield { user: this.#user, until: noPull }
      }
    } while (chance(0.5))
  }

  /** A request of the fuzz, with what this user has in the place of its names. */
  #odd(): Step {
    const { binding, what, method, target, headers, body } = this.#random.sample(odd)
    const named: Record<string, string> = { user: this.#user, basic: basic(this.#user).slice(6), file: 'a.iso' }
    const fill = (text: string) =>
      text.replaceAll(/~([a-z]+)\.\d~/g, (_, kind: string) => {
        const slot = SLOTS[kind]
        return slot ? this.#recent(slot) : (named[kind] ?? 'not-given')
      })
    return {
      name: binding === 'bytes' ? what : `${binding} ${what.replace('com.vmware.', '')}`,
      method,
      path: fill(target),
      headers: Object.fromEntries(headers.map(([name, value]) => [name, fill(headerSafe(value))])),
      ...(body.length > 0 && { body: fill(String(body)) }),
    }
  }

  #soap(): Step {
    const [method, on, words] = this.#random.pick([
      ['RetrieveServiceContent', 'ServiceInstance', ''],
      ['CurrentTime', 'ServiceInstance', ''],
      ['Login', 'SessionManager', credentials(this.#user, 'secret')],
      ['RetrievePropertiesEx', 'propertyCollector', property('SessionManager', 'currentSession')],
    ] as const)
    const headers = { 'content-type': 'text/xml', cookie: `vmware_soap_session=${this.#recent('token')}` }
    return { name: `SOAP ${method}`, method: 'POST', path: '/sdk', headers, body: methodCall(method, on, words) }
  }

  #upload(): Step {
    const { pick } = this.#random
    const body = pick([CONTENT, CONTENT, CONTENT, CONTENT, 'another text', '', 'x'.repeat(200_000)])
    return { name: 'upload', method: 'PUT', path: this.#recent('upload'), headers: {}, body }
  }

  #download(path: string): Step {
    const headers = { 'vmware-api-session-id': this.#recent('token') }
    const more = this.#random.pick([{}, {}, { method: 'HEAD' }, { headers: { ...headers, range: 'bytes=1-2' } }])
    return { name: 'download', method: 'GET', path, headers, ...more }
  }

  *#steer(): Generator<Step> {
    const { pick } = this.#random
    this.#count += 1
    const seeded = `seeded-${this.#count}`
    const operation = pick(['cancel', 'update_session.get', '*', 'upload', 'nothing of this name'])
    const fault = { operation, times: 1 }
    const state = pick(['ACTIVE', 'DONE', 'ERROR', 'CANCELED', 'LOST'])
    const files = [
      { name: 'a.iso', ...pick([{ status: 'READY', content: CONTENT }, { status: 'WAITING_FOR_TRANSFER' }]) },
      { name: 'b.iso', status: 'TRANSFERRING', size: 5, bytes_transferred: pick([2, 9]) },
    ]
    const [method, path, body] = pick<[string, string, unknown?]>([
      ...READS.map((path): [string, string] => ['GET', path]),
      ['GET', `/sessions/${this.#recent('session')}`],
      ['GET', `/sessions/${this.#recent('seeded')}`],
      ['DELETE', `/sessions/${this.#recent('session')}`],
      ['POST', '/sessions', { state, files: pick([[], files]), client_progress: pick([0, 50, 200]) }],
      ['POST', '/sessions', { id: seeded, state, library_item_id: this.#recent('item') }],
      [
        'POST',
        '/settings',
        pick([{ session_idle: '2m' }, { session_retention: '1h' }, { session_idle: 'soon' }, { x: 1 }]),
      ],
      ['PUT', '/transitions', { complete: pick(['at-once', 'at-once', { after: '10s' }, { after: '10s' }, 'later']) }],
      ['POST', '/faults', { ...fault, id: 'one', error: pick(['SERVICE_UNAVAILABLE', 'NOT_FOUND', 'NO_ERROR']) }],
      ['POST', '/faults', { ...fault, id: 'two', status: pick([503, 418, 200]), body: 'a proxy says no' }],
      ['POST', '/faults', { ...fault, id: 'three', delay: pick(['5ms', 'long']) }],
      ['POST', '/faults', { ...fault, id: 'four', connection: 'truncate' }],
      ['PUT', '/faults', { faults: [{ ...fault, id: 'five', skip: 1, error: 'UNSUPPORTED' }] }],
      ['DELETE', pick(['/faults', '/faults/one'])],
      ['POST', '/requests/count', { operation: 'update_session.*', status: pick([200, 400, 404]) }],
      ['POST', '/requests/find', { method: pick(['GET', 'ANY', 'SOME']), urlGlob: '*update-session*' }],
      ['POST', '/requests/count', pick([{ urlPattern: '.*' }, { headers: { accept: { absent: true } } }])],
      ['DELETE', '/requests'],
      ['POST', '/clock/advance', { by: pick(['1m', '6m', '-1s', 'x']) }],
      ['POST', '/clock/set', { now: pick(['2031-02-03T04:15:00Z', 'noon']) }],
      ['POST', '/pact/provider-states', { state: pick(['', 'an update session that has expired', 'no such state']) }],
      [pick(['GET', 'PUT']), '/nothing'],
    ])
    if (typeof body === 'object' && body !== null && 'id' in body && body.id === seeded) this.#slots.seeded.push(seeded)
    yield admin(this.#user, method, path, body)
  }

  #logIn(binding: Binding): Step {
    return this.#create('cis.session.create', {}, 'token', this.#next('token'), TOKEN, binding)
  }

  #ask(id: string, input: Input, binding?: Binding): Step {
    const operation = operations.get(id.startsWith('com.') ? id : `com.vmware.${id}`)
    if (!operation) throw new Error(`There is no operation ${id}.`)
    const through = binding ?? this.#random.pick(operation.isLegacy ? BINDINGS.slice(1) : BINDINGS)
    // In a life one input serves several operations; what else is asked may have fields that are not known.
    const own = id.startsWith('com.') ? input : ownFields(operation, input)
    return spell(through, operation, own, { token: this.#recent('token'), user: this.#user })
  }

  #create(id: string, input: Input, kind: Slot, slot: string, pattern = ID, binding?: Binding): Step {
    const step = this.#ask(id, input, binding)
    this.#slots[kind].push(slot)
    return { ...step, takes: { slot: slot.slice(2, -2), pattern } }
  }

  #next(kind: Slot): string {
    this.#count += 1
    return `{{${kind} ${this.#count} of ${this.#user}}}`
  }

  /** Most often one of the last. */
  #recent(kind: Slot): string {
    const { pick, chance } = this.#random
    const all = this.#slots[kind]
    return pick(chance(kind === 'token' ? 0.95 : 0.7) ? all.slice(-2) : all)
  }
}

const SESSION = 'content.library.item.update_session'
const FILE = 'content.library.item.updatesession.file'
/** What is asked of libraries, items and logins, but for what makes them or ends them. */
const OF_LIBRARIES = [...operations.keys()]
  .map((id) => id.replace('com.vmware.', ''))
  .filter((id) => !/update_?session|\.(?:create|delete)$/.test(id))
/** By the names of the fuzz (test/fuzz/stage.ts). */
const SLOTS: Record<string, Slot | undefined> = {
  library: 'library',
  item: 'item',
  session: 'session',
  ended: 'session',
  upload: 'upload',
  download: 'download',
  token: 'token',
  spare: 'token',
}
const soap = [
  { path: '/sdk', namespace: 'urn:vim25', methods: 'CurrentTime Login Logout Nothing RetrievePropertiesEx'.split(' ') },
  { path: '/pbm', namespace: 'urn:pbm', methods: ['PbmRetrieveServiceContent'] },
] as const
const odd = partsOf({ soap: soap.map((service) => ({ ...service, methods: [...service.methods] })) })
const READS =
  '/health /version /faults /clock /settings /transitions /sessions /requests /coverage /pact/provider-states /requests/unmatched /requests?limit=3 /sessions?x=1'.split(
    ' ',
  )

const ownFields = (operation: Operation, input: Input): Input =>
  Object.fromEntries(Object.entries(input).filter(([field]) => field in operation.input().shape))

/** Ids that both servers get alike. */
const fixedId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
