// A seeded sequence of requests over every binding: whole lives of sessions, and between them what is asked at random.
import { operations } from '../../src/operations/index.ts'
import { id as idOf, type Operation } from '../../src/operations/operation.ts'
import { malformed, randomOf, valueFor, type Known, type Random } from './inputs.ts'
import { basic, ITEM, LIBRARY } from '../support/client.ts'
import { credentials, methodCall, property } from '../support/soap-call.ts'
import { BINDINGS, jsonRpcOf, spell, withSession, type Binding, type Request } from '../support/spelling.ts'
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

type Slot = 'token' | 'cookie' | 'session' | 'item' | 'library' | 'upload' | 'download' | 'seeded'
type Input = Record<string, unknown>

/** What one user does, and those who take them for another. */
class Chapter {
  readonly #user: string
  readonly #random: Random
  readonly #slots: Record<Slot, string[]> = {
    token: [],
    cookie: [],
    session: [`${fixedId(1)}:${fixedId(2)}`],
    item: [ITEM],
    library: [LIBRARY],
    upload: ['/cls/data/unknown/a.iso'],
    download: [`/cls/static/${LIBRARY}/${ITEM}/a.iso?version=1`],
    seeded: ['unknown'],
  }
  #count = 0
  readonly #known: Known

  constructor(user: string, random: Random) {
    this.#user = user
    this.#random = random
    const { pick, chance } = random
    const names = () => pick(['a.iso', 'b.iso', 'c.ovf', 'd.mf', 'e.vmdk', 'ü 1.iso', '../x'])
    this.#known = {
      update_session_id: () => this.#recent('session'),
      library_item_id: () => this.#recent('item'),
      library_id: () => this.#recent('library'),
      client_token: () => pick([fixedId(3), fixedId(4), 'no-uuid']),
      name: names,
      file_name: names,
      uri: () =>
        pick([
          '{{source}}/file',
          '{{source}}/file',
          '{{source}}/missing',
          'ftp://x/y',
          'nothing',
          'http://example.com/',
        ]),
      size: () => pick([CONTENT.length, CONTENT.length, 7, -1]),
      checksum: () => pick([SHA1, SHA1, SHA1.replace('a', 'b'), 'zz']),
      type: () => pick(['iso', 'ovf', 'ova', 'LOCAL']),
      version: () => pick(['1', '1', '2', 'x']),
      content_version: () => pick(['1', '2']),
      storage_backings: () => (chance(0.9) ? [{ type: 'DATASTORE', datastore_id: 'datastore-1' }] : []),
    }
  }

  *steps(): Generator<Step | Wait> {
    yield* stopClock(this.#user)
    yield this.#logInOverSoap()
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
      if (chance(name === 'remove' ? 0.1 : 0.4))
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
    const all = ['content.library.list', 'content.library.get', 'content.library.find', `${local}.list`, `${local}.get`]
    for (const each of [...all, `${local}.update`, `${item}.get`, `${item}.list`, `${item}.find`, `${item}.update`])
      if (chance(0.5)) yield this.#ask(each, input)
    for (const each of [`${item}.delete`, `${local}.delete`, 'cis.session.get'])
      if (chance(0.5)) yield this.#ask(each, input)
  }

  /** One to three requests of any kind. */
  *#between(): Generator<Step | Wait> {
    const { pick, chance } = this.#random
    do {
      const kind = pick([
        'valid',
        'valid',
        'valid',
        'wrong',
        'wrong',
        'wire',
        'bytes',
        'admin',
        'admin',
        'soap',
        'other',
      ])
      switch (kind) {
        case 'valid':
        case 'wrong':
          yield this.#anyOperation(kind === 'wrong')
          // It may have added a file that is pulled.
          yield { user: this.#user, until: noPull }
          break
        case 'wire':
          yield this.#broken(withoutSlot(this.#anyOperation(false)))
          break
        case 'bytes':
          yield chance(0.5) ? this.#upload() : this.#download(this.#recent('download'))
          break
        case 'admin':
          yield* this.#steer()
          break
        case 'soap':
          yield this.#soap()
          break
        case 'other':
          yield this.#other()
      }
    } while (chance(0.5))
  }

  #anyOperation(isWrong: boolean): Step {
    const { pick, chance } = this.#random
    // What is deleted or logged out is missed by all that follows: that is to be rare.
    const operation = pick([...operations.values()].filter(({ method }) => method !== 'DELETE' || chance(0.3)))
    const right = valueFor(operation.input, this.#random, this.#known) as Input // of an object's schema
    const wrong = isWrong ? malformed(right, this.#random) : right
    const input = typeof wrong === 'object' && wrong !== null ? { ...wrong } : {}
    const slot = operation.name === 'create' && !isWrong ? SLOTS[operation.service] : undefined
    return slot
      ? this.#create(idOf(operation), input, slot, this.#next(slot), slot === 'token' ? TOKEN : ID)
      : this.#ask(idOf(operation), input)
  }

  /** What no client of this binding would send, or not like this. */
  #broken(request: Request): Step {
    const { pick } = this.#random
    const { name, path, headers, body = '{"x":1}' } = request
    const { 'vmware-api-session-id': _, authorization: __, ...anonymous } = headers
    const including = (more: Record<string, string>) => ({ headers: { ...headers, ...more } })
    const and = path.includes('?') ? '&' : '?'
    const changes: [string, Partial<Request>][] = [
      ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((method): [string, Partial<Request>] => [
        `as ${method}`,
        { method },
      ]),
      ['with a longer path', { path: path.replace(/(\?|$)/, '/more$1') }],
      ['with a slash', { path: path.replace(/(\?|$)/, '/$1') }],
      ['with another query', { path: `${path}${and}unknown=1` }],
      ['with a query twice', { path: `${path}${and}action=cancel&action=fail` }],
      ['with half a body', { body: body.slice(0, body.length / 2) }],
      ['with a body of an array', { body: '[1]' }],
      ['with a prototype', { body: '{"__proto__":{"a":1}}' }],
      ['as text', { ...including({ 'content-type': 'text/plain' }), body }],
      ['as gzip', { ...including({ 'content-encoding': 'gzip' }), body }],
      ['with a body above the limit', { body: `"${'x'.repeat(1_048_576)}"` }],
      ['without proof', { headers: anonymous }],
      ['with a wrong token', including({ 'vmware-api-session-id': 'wrong' })],
      ['with a token of another', including({ 'vmware-api-session-id': '{{session of another}}' })],
      ['with a password', { headers: { ...anonymous, authorization: basic(this.#user) } }],
      ['with a wrong form of password', { headers: { ...anonymous, authorization: 'Basic !' } }],
      ['with an origin', including({ origin: 'http://elsewhere.test' })],
      ['of another operation', including({ 'vapi-service': 'x', 'vapi-operation': 'y' })],
    ]
    const [how, change] = pick(changes)
    return { ...request, ...change, name: `${name} ${how}` }
  }

  #upload(): Step {
    const { pick } = this.#random
    const path = this.#recent('upload')
    const base = { name: 'upload', method: pick(['PUT', 'PUT', 'PUT', 'POST']), path, headers: {}, body: CONTENT }
    return pick<Step>([
      base,
      base,
      base,
      { ...base, body: 'another text' },
      { ...base, body: '' },
      { ...base, headers: { 'transfer-encoding': 'chunked' } },
      { ...base, headers: { 'content-type': 'application/json' } },
      { ...base, body: 'x'.repeat(200_000) },
      { ...base, method: 'GET' },
      { ...base, path: `${path}x` },
    ])
  }

  #download(path: string): Step {
    const { pick } = this.#random
    const headers = { 'vmware-api-session-id': this.#recent('token') }
    const base = { name: 'download', method: 'GET', path, headers }
    return pick<Step>([
      base,
      base,
      base,
      { ...base, method: 'HEAD' },
      { ...base, headers: { ...headers, range: 'bytes=1-2' } },
      { ...base, headers: {} },
      { ...base, path: `${path}&version=9` },
      { ...base, path: path.replace('?', 'x?') },
    ])
  }

  *#steer(): Generator<Step> {
    const { pick } = this.#random
    this.#count += 1
    const seeded = `seeded-${this.#count}`
    const operation = pick(['cancel', 'update_session.get', '*', 'upload', 'nothing of this name'])
    const fault = { operation, times: 1 }
    const state = pick(['ACTIVE', 'DONE', 'ERROR', 'CANCELED', 'LOST'])
    const files = [
      { name: 'a.iso', status: pick(['READY', 'WAITING_FOR_TRANSFER']), content: CONTENT },
      { name: 'b.iso', status: pick(['READY', 'TRANSFERRING']), size: 5, bytes_transferred: pick([2, 9]) },
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

  #logInOverSoap(): Step {
    const slot = this.#next('cookie')
    this.#slots.cookie.push(slot)
    return {
      ...soapOf('Login', 'SessionManager', credentials(this.#user, 'secret')),
      takes: { slot: slot.slice(2, -2), pattern: TOKEN },
    }
  }

  #soap(): Step {
    const { pick, chance } = this.#random
    if (chance(0.2)) return this.#logInOverSoap()
    const cookie = `vmware_soap_session=${this.#recent('cookie')}`
    const step = pick([
      soapOf('RetrieveServiceContent', 'ServiceInstance'),
      soapOf('CurrentTime', 'ServiceInstance'),
      soapOf('Logout', 'SessionManager'),
      soapOf('Logout', 'SessionManager', '', cookie),
      soapOf('Login', 'SessionManager', '<userName></userName>'),
      soapOf('Login', 'ServiceInstance'),
      soapOf('RetrievePropertiesEx', 'propertyCollector', property('SessionManager', 'currentSession'), cookie),
      soapOf('RetrievePropertiesEx', 'propertyCollector', property('SessionManager', 'other'), cookie),
      soapOf('Nothing', 'ServiceInstance'),
      soapOf('PbmRetrieveServiceContent', 'ServiceInstance', '', '', ['/pbm', 'urn:pbm']),
    ])
    if (chance(0.8)) return step
    const { body = '', headers } = step
    return pick<Step>([
      { ...step, body: body.slice(0, -9), name: `${step.name}, cut` },
      {
        ...step,
        body: body.replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'),
        name: `${step.name} with a document type`,
      },
      { ...step, headers: { ...headers, 'content-type': 'text/plain' }, name: `${step.name} as text` },
      { ...step, body: withPrefix(body), name: `${step.name} with a prefix` },
    ])
  }

  #other(): Step {
    const { pick } = this.#random
    const securityCtx = withSession(this.#recent('token'))
    const told = 'com.vmware.vapi.std.introspection'
    const service = pick([...operations.values()]).service
    const all: Omit<Step, 'name'>[] = [
      get('/'),
      get('/nothing'),
      get('/openapi.json'),
      get('/rest/com/vmware/nothing'),
      get('/api'),
      { ...get('/api/session'), method: 'OPTIONS' },
      jsonRpcOf(`${told}.provider`, 'get', input({})),
      jsonRpcOf(`${told}.service`, 'list', input({})),
      jsonRpcOf(`${told}.service`, 'get', input({ id: service })),
      jsonRpcOf(`${told}.operation`, 'list', input({ service_id: service })),
      jsonRpcOf(`${told}.operation`, 'get', input({ service_id: service, operation_id: 'create' })),
      jsonRpcOf(service, 'nothing', input({}), securityCtx),
      jsonRpcOf('nothing', 'list', input({}), securityCtx),
      jsonRpcOf(service, 'list', { OPTIONAL: { WRONG: 1 } }, securityCtx),
      jsonRpcOf(service, 'list', {}, securityCtx),
      post('{"jsonrpc":"2.0","id":"1","method":"other"}'),
      post('[{"jsonrpc":"2.0"}]'),
      post('no json'),
    ]
    const step = pick(all)
    return { ...step, name: `${step.method} ${step.path}` }
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
const SLOTS: Record<string, Slot | undefined> = {
  'com.vmware.cis.session': 'token',
  'com.vmware.content.local_library': 'library',
  'com.vmware.content.library.item': 'item',
  'com.vmware.content.library.item.update_session': 'session',
}
const READS =
  '/health /version /faults /clock /settings /transitions /sessions /requests /coverage /pact/provider-states /requests/unmatched /requests?limit=3 /sessions?x=1'.split(
    ' ',
  )

const ownFields = ({ input: { shape } }: Operation, input: Input): Input =>
  Object.fromEntries(Object.entries(input).filter(([field]) => field in shape))

/** Ids that both servers get alike. */
function fixedId(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** The same envelope, its namespace declared with a prefix. */
const withPrefix = (body: string) => body.replaceAll(/(<\/?)(?=Envelope|Body)/g, '$1s:').replace('xmlns', 'xmlns:s')

function soapOf(method: string, on: string, words = '', cookie = '', [path, namespace] = ['/sdk', 'urn:vim25']): Step {
  return {
    name: `SOAP ${method}`,
    method: 'POST',
    path,
    headers: { 'content-type': 'text/xml; charset="utf-8"', ...(cookie !== '' && { cookie }) },
    body: methodCall(method, on, words, namespace),
  }
}

const input = (fields: object) => ({ STRUCTURE: { 'operation-input': fields } })
const get = (path: string) => ({ method: 'GET', path, headers: {} })
const post = (body: string) => ({
  method: 'POST',
  path: '/api',
  headers: { 'content-type': 'application/json' },
  body,
})

/** A request that is malformed gives nothing. */
const withoutSlot = ({ name, method, path, headers, body }: Step): Request => ({
  name,
  method,
  path,
  headers,
  ...(body !== undefined && { body }),
})
