// Known attacks that neither another test sends nor fast-check is sure to make: each with why it is one. What was slow for a long
// row of one text is measured by test/worst-inputs, and those rows are UNITS in values.ts.
import type { Attack, Binding } from './requests.ts'

const SESSIONS = '/api/content/library/item/update-session'
const ITEMS = '/api/content/library/item'
const REST_SESSIONS = '/rest/com/vmware/content/library/item/update-session'
const list = (count: number, member: string) => `[${Array.from({ length: count }, () => member).join()}]`
const keys = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":0`).join()}}`
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const invoke = (input: string, operation = 'create') =>
  `{"jsonrpc":"2.0","id":"1","method":"invoke","params":{"serviceId":"com.vmware.content.library.item.update_session","operationId":"${operation}","ctx":{"appCtx":{},"securityCtx":null},"input":${input}}}`
const structure = (fields: string) => `{"STRUCTURE":{"operation-input":${fields}}}`
const anonymous = { 'vmware-api-session-id': '' }
const raw = (line: string, ...headers: string[]) => [line, ...headers, 'connection: close', '', ''].join('\r\n')
const HOST = 'host: ~host.0~'

const post = (why: string, target: string, body: string | object, headers: Attack['headers'] = {}): Attack => ({
  why,
  target,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
})

const WIDE = Array.from({ length: 60 }, (_, n) => `"${'中'.repeat(200)}${n}":"中"`).join()
const JSON_BOMBS = {
  '2,000 wrong structures, as many as a body may have': `{"warning_behavior":${list(2000, '{"type":"x"}')}}`,
  '9,990 unknown keys, as many as a body may have': keys(9990),
  'a map of 9,000 wrong entries': `{"error_message":{"params":${keys(9000)}}}`,
  '64 levels, as many as a body may have': nested(64),
  'the prototype of all objects, which a map drops without a word': '{"__proto__":{"state":"DONE"}}',
  'a constructor': '{"constructor":{"prototype":{"a":1}},"toString":1,"hasOwnProperty":1,"__defineGetter__":1}',
  'half of a character: storage would keep another text': String.raw`{"library_item_id":"\ud800"}`,
  NULs: String.raw`{"library_item_id":"a\u0000b"}`,
  'numbers beyond all numbers': '{"client_progress":1e999,"state":-0,"id":1E400}',
  'a number of 100,000 digits': `{"client_progress":${'9'.repeat(100_000)}}`,
  'one property 10,000 times': `{${Array.from({ length: 10_000 }, () => '"state":"DONE"').join()}}`,
  'a name of a megabyte': `{"library_item_id":"${'a'.repeat(1_000_000)}"}`,
  'keys of 60 × 200 wide characters, cut in the journal': `{"library_item_id":{${WIDE}}}`,
}
const jsonAttacks = Object.entries(JSON_BOMBS).flatMap(([why, body]): Attack[] => [
  { why, binding: '/api', target: SESSIONS, body },
  { why, binding: '/api', target: SESSIONS, body, headers: anonymous },
  { why, binding: '/rest', target: REST_SESSIONS, body: `{"create_spec":${body}}` },
  { why, binding: 'JSON-RPC', body: invoke(structure(`{"create_spec":${body}}`)) },
  { why, binding: 'admin', target: '/__admin/sessions', body, headers: { 'x-mock-sandbox': 'fuzz-steered' } },
])
const RPC_BOMBS = {
  '9,000 wrong data values, as many as a body may have': invoke(list(9000, '{"X":1}')),
  'a thousand OPTIONALs within one another': invoke('{"OPTIONAL":'.repeat(1000) + '1' + '}'.repeat(1000)),
  'twenty OPTIONALs within one another, which a union tries in all ways': invoke(
    '{"OPTIONAL":'.repeat(20) + '{"X":1}' + '}'.repeat(20),
  ),
  'a BINARY of a megabyte': invoke(`{"BINARY":"${'A'.repeat(1_000_000)}!"}`),
  'a structure named like the prototype': invoke('{"STRUCTURE":{"constructor":{"toString":1}}}'),
  'an operation named like a method of every object': invoke(structure('{}'), 'toString'),
}
const rpcAttacks = Object.entries(RPC_BOMBS).map(([why, body]): Attack => ({ why, binding: 'JSON-RPC', body }))

const byteAttacks: Attack[] = [
  {
    why: 'an upload of nothing, in chunks',
    binding: 'bytes',
    raw: `PUT ~upload.3~ HTTP/1.1\r\n${HOST}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    why: 'a download of a version that is no number',
    binding: 'bytes',
    method: 'GET',
    target: '~download.0~&version=__proto__',
  },
]

const BODIES: [binding: Binding, target: string, type: string][] = [
  ['/api', SESSIONS, 'application/json'],
  ['/rest', REST_SESSIONS, 'application/json'],
  ['JSON-RPC', '/api', 'application/json'],
  ['SOAP', '/sdk', 'text/xml'],
  ['admin', '/__admin/faults', 'application/json'],
  ['bytes', '~upload.4~', 'text/plain'],
]
/** Of chunks that are none. */
const CHUNKS = [
  '-5\r\nhello\r\n',
  'ffffffffffffffff\r\n',
  '5\nhello\n0\n\n',
  '5;a=b\r\nhello\r\n0\r\na: b\r\n\r\n',
  `${'0'.repeat(30)}5\r\nhello\r\n0\r\n\r\n`,
]
const framingAttacks = BODIES.flatMap(([binding, target, type]): Attack[] => {
  const method = binding === 'bytes' ? 'PUT' : 'POST'
  const whole = { binding, method, target, headers: { 'content-type': type } }
  const start = `${method} ${target} HTTP/1.1\r\n${HOST}\r\nconnection: close\r\nvmware-api-session-id: ~token.0~\r\ncontent-type: ${type}\r\n`
  const of = (attack: Attack): Attack => ({ isCut: true, ...attack, binding })
  return [
    ...CHUNKS.map((chunk) =>
      of({
        why: `a body that breaks off: ${JSON.stringify(chunk)} as chunks was 500`,
        raw: `${start}transfer-encoding: chunked\r\n\r\n${chunk}`,
      }),
    ),
    of({ why: 'a length and chunks', raw: `${start}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n` }),
    of({
      why: 'more body than its length',
      raw: `${start}content-length: 2\r\n\r\n{}GET / HTTP/1.1\r\nhost: a\r\n\r\n`,
    }),
    { ...whole, why: 'a body that is no UTF-8', body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) },
    { ...whole, why: 'a body without a type', body: '{}', headers: { 'content-type': '' } },
  ]
})

const STATES = ['__proto__', 'constructor', 'toString', '', 'an update session']
const FIND = '/__admin/requests/find'
const PROVIDER_STATES = '/__admin/pact/provider-states'
const adminAttacks = [
  ...STATES.flatMap((state) => [
    post('a provider state named like a method of every object', PROVIDER_STATES, {
      state,
      params: {},
      action: 'setup',
    }),
    post('a parameter of that name', PROVIDER_STATES, `{"state":"an update session","params":{"${state}":"x"}}`),
  ]),
  ...['urlPattern', 'urlPathPattern'].map((field) =>
    post('an expression of WireMock, which nothing bounds', FIND, { [field]: '(a+)+$' }),
  ),
  post('an expression for the body', FIND, '{"bodyPatterns":[{"matches":"(a+)+$"}]}'),
  post('files of 60,000 characters each', '/__admin/sessions', {
    files: Array.from({ length: 4 }, (_, n) => ({ name: `${n}`, status: 'READY', content: 'a'.repeat(60_000) })),
  }),
].map((attack): Attack => ({
  binding: 'admin',
  ...attack,
  headers: { 'x-mock-sandbox': 'fuzz-steered', ...attack.headers },
}))

const ODD_TARGETS =
  '// /// //evil.example/x //[ /\\evil /%zz?%zz http://evil.example/x http:// x /%00 /api/%ff%fe http://[::::]/ //user:pass@host:x/'.split(
    ' ',
  )
const LINES = [
  ...ODD_TARGETS.map((target) => `GET ${target} HTTP/1.1`),
  'GET /x HTTP/1.0',
  'GET /x HTTP/2.0',
  'PRI * HTTP/2.0',
  'FOO / HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT a:1 HTTP/1.1',
  'GET /',
  '',
  '\x16\x03\x01\x02',
]
const HOSTS = ['x: y', `host: ${'a'.repeat(60_000)}`, ...['', 'a/b', 'a@b', '//', '%00'].map((host) => `host: ${host}`)]
const lineAttacks: Attack[] = [
  ...LINES.flatMap((line): Attack[] => [
    { why: 'a first line that is odd; after some of them the journal was 500', raw: raw(line, HOST), isCut: true },
    {
      why: 'the same with a login, so that the journal has it',
      raw: raw(line, HOST, 'vmware-api-session-id: ~token.0~'),
      isCut: true,
    },
  ]),
  ...HOSTS.map((host): Attack => ({ why: 'a host that is odd', raw: raw('GET /x HTTP/1.1', host), isCut: true })),
  {
    why: 'two requests in one',
    raw: `POST ${ITEMS}?action=find HTTP/1.1\r\n${HOST}\r\ncontent-length: 2\r\n\r\n{}${raw('GET /__admin/health HTTP/1.1', HOST)}`,
    isCut: true,
  },
  {
    why: '9,000 headers',
    raw: raw('GET /x HTTP/1.1', HOST, ...Array.from({ length: 9000 }, (_, n) => `a${n}: b`)),
    isCut: true,
  },
]

export const corpus: Attack[] = [
  ...jsonAttacks,
  ...rpcAttacks,
  ...byteAttacks,
  ...framingAttacks,
  ...adminAttacks,
  ...lineAttacks,
]
