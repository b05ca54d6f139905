// All attacks known so far, each with why it is one: what was slow, was answered 500, or stopped the mock, and what is near it.
import { bombIn, envelope, methodCall } from '../support/soap-call.ts'
import type { Attack, Binding } from './requests.ts'

const SESSIONS = '/api/content/library/item/update-session'
const ITEMS = '/api/content/library/item'
const REST_SESSIONS = '/rest/com/vmware/content/library/item/update-session'
const rows = (unit: string, length: number) => unit.repeat(length / unit.length)
const list = (count: number, member: string) => `[${Array.from({ length: count }, () => member).join()}]`
const keys = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":0`).join()}}`
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const invoke = (input: string, operation = 'create') =>
  `{"jsonrpc":"2.0","id":"1","method":"invoke","params":{"serviceId":"com.vmware.content.library.item.update_session","operationId":"${operation}","ctx":{"appCtx":{},"securityCtx":null},"input":${input}}}`
const structure = (fields: string) => `{"STRUCTURE":{"operation-input":${fields}}}`
const anonymous = { 'vmware-api-session-id': '' }
const raw = (line: string, ...headers: string[]) => [line, ...headers, 'connection: close', '', ''].join('\r\n')
const HOST = 'host: ~host.0~'

const get = (why: string, target: string, headers: Attack['headers'] = {}): Attack => ({
  why,
  method: 'GET',
  target,
  headers,
})
const post = (why: string, target: string, body: string | object, headers: Attack['headers'] = {}): Attack => ({
  why,
  target,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
})

/** Each was a row that a regular expression, or a scanner that looks ahead, read again and again. */
const ROWS =
  `;key a " < & :// . \\ ?key= key "password":" "password":{ <password> </ %2e sig= Bearer <![CDATA[ <!-- {" \\" \\u0077 pwd=' ://a@`.split(
    ' ',
  )
const PLACES: [path: string, type: string][] = [
  ['/api/content/local-library', 'application/x-www-form-urlencoded'],
  [SESSIONS, 'application/json'],
  [REST_SESSIONS, 'application/json'],
  ['/api', 'application/json'],
  ['/sdk', 'text/xml'],
  ['/cls/data/nothing/disk.vmdk', 'text/plain'],
  ['/__admin/requests/find', 'application/json'],
]
const rowAttacks = ROWS.flatMap((unit, index) =>
  PLACES.flatMap(([target, type], place): Attack[] =>
    // Each row in two places, and so each place with several rows: all of both would be most of a run.
    (index + place) % 3 === 0
      ? [
          {
            why: `64 KiB of ${unit}: looking for secrets was cubic, and stopped the mock for a minute`,
            target,
            body: rows(unit, 65_536),
            headers: { 'content-type': type, ...(index % 2 ? anonymous : {}) },
          },
        ]
      : [],
  ),
)
const queryAttacks = ROWS.map((unit) =>
  get(
    `32 KiB of ${unit} in a query: the journal looks for secrets there, too`,
    `${SESSIONS}?${encodeURI(rows(unit, 16_384)).replaceAll('#', '%23').slice(0, 32_768)}`,
  ),
)

const globs = [
  '********Z',
  `${'*a'.repeat(90)}Z`,
  '*'.repeat(200),
  `*${'a'.repeat(198)}`,
  '(a+)+$',
  '*c*o*m*.*v*m*w*a*r*e*Z',
]
const globAttacks = globs
  .flatMap((glob) => [
    post(
      `${glob}: a glob made an expression ran for ever`,
      '/__admin/faults',
      { operation: glob, error: 'NOT_FOUND' },
      { 'x-mock-sandbox': 'fuzz-faulty' },
    ),
    post(
      `${glob} over the journal`,
      '/__admin/requests/find',
      { operation: glob, urlGlob: glob, bodyPatterns: Array.from({ length: 9 }, () => ({ glob })) },
      { 'x-mock-sandbox': '~user.0~' },
    ),
  ])
  .map((attack): Attack => ({ ...attack, binding: 'admin' }))

const WIDE = Array.from({ length: 60 }, (_, n) => `"${'中'.repeat(200)}${n}":"中"`).join()
const JSON_BOMBS = {
  '130,000 wrong elements: a schema remembers what is wrong with each': `{"warning_behavior":${list(130_000, '0')}}`,
  '2,000 wrong structures, as many as a body may have': `{"warning_behavior":${list(2000, '{"type":"x"}')}}`,
  '80,000 unknown keys': keys(80_000),
  '9,990 unknown keys, as many as a body may have': keys(9990),
  'a map of 9,000 wrong entries': `{"error_message":{"params":${keys(9000)}}}`,
  '100,000 levels: a recursion ends where the stack does': nested(100_000),
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
  '65,000 wrong data values: a union of schemas tried each of its kinds for a minute': invoke(list(65_000, '{"a":1}')),
  '9,000 wrong data values, as many as a body may have': invoke(list(9000, '{"X":1}')),
  'a thousand OPTIONALs within one another': invoke('{"OPTIONAL":'.repeat(1000) + '1' + '}'.repeat(1000)),
  'twenty OPTIONALs within one another, which a union tries in all ways': invoke(
    '{"OPTIONAL":'.repeat(20) + '{"X":1}' + '}'.repeat(20),
  ),
  'a BINARY of a megabyte': invoke(`{"BINARY":"${'A'.repeat(1_000_000)}!"}`),
  'a structure named like the prototype': invoke('{"STRUCTURE":{"constructor":{"toString":1}}}'),
  'a map with an entry under the name of the prototype': invoke(
    structure('{"create_spec":{"STRUCTURE":{"map-entry":{"key":"__proto__","value":1}}}}'),
  ),
  'an operation named like a method of every object': invoke(structure('{}'), 'toString'),
  'an id that is no id': '{"jsonrpc":"2.0","id":{},"method":"invoke"}',
  'a batch': `[${invoke(structure('{}'))}]`,
}
const rpcAttacks = Object.entries(RPC_BOMBS).map(([why, body]): Attack => ({ why, binding: 'JSON-RPC', body }))

const login = (within: string) => methodCall('Login', 'SessionManager', within)
const NAMESPACES = Array.from({ length: 1500 }, (_, n) => `xmlns:a${n}="b"`).join(' ')
const XML_BOMBS = {
  '64 KiB of ampersands: a reference was looked for to the end from each': login(
    `<userName>${'&'.repeat(60_000)}</userName>`,
  ),
  '64 KiB of references': login(`<userName>${'&#65;'.repeat(12_000)}</userName>`),
  '64 KiB of brackets: the tag that ends a secret element was made once a bracket': login(
    `<password>${'<'.repeat(60_000)}`,
  ),
  '64 KiB of a secret element within itself': login('<password>'.repeat(6000)),
  'a name of 60,000 characters': `<${'a'.repeat(60_000)}/>`,
  'an attribute of 60,000 characters': `<a b="${'c'.repeat(60_000)}"/>`,
  '5,000 attributes': `<a ${Array.from({ length: 5000 }, (_, n) => `a${n}="b"`).join(' ')}/>`,
  '1,500 namespaces on each of many elements': `<a ${NAMESPACES}>${'<a0:b/>'.repeat(4000)}</a>`,
  '15,000 elements beside one another': login('<a/>'.repeat(15_000)),
  '8,000 levels': login('<a>'.repeat(8000) + '</a>'.repeat(8000)),
  'a billion laughs': bombIn(envelope('&e9;')),
  'an external entity': '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  'a comment without an end': login('<!-- '.repeat(10_000)),
  'CDATA without an end': login('<![CDATA['.repeat(7000)),
  'processing instructions': login('<?a ?>'.repeat(10_000)),
  'a prefix named like a method': '<constructor:a xmlns:__proto__="a"/>',
  'an element named like the prototype': '<__proto__><toString/></__proto__>',
  'a character that is none': login('<userName>&#x110000;&#0;&#xd800;</userName>'),
  '64 KiB of spaces': ' '.repeat(65_000),
}
const xmlAttacks = Object.entries(XML_BOMBS).flatMap(([why, body]): Attack[] =>
  ['/sdk', '/pbm'].map((target) => ({
    why,
    binding: 'SOAP',
    target,
    body,
    headers: { 'content-type': 'text/xml', ...anonymous },
  })),
)

/** Uploads in the order of the stage's files: manifest, certificate, descriptor, and others. */
const DESCRIPTORS = {
  'a manifest of 130,000 lines: each was looked up in all files': 'SHA1(a)= 0\n'.repeat(130_000),
  'a manifest of spaces': `SHA1 ${' '.repeat(100_000)}`,
  'a manifest of brackets': `SHA1(${')'.repeat(100_000)}`,
  'a manifest of digits without an end': `SHA1(a)= ${'0'.repeat(100_000)} x`,
  'a manifest of one line that never ends': 'SHA1(a)='.repeat(50_000),
  'a descriptor of 50,000 references': `<Envelope><References>${'<File href="a"/>'.repeat(50_000)}</References></Envelope>`,
  'a descriptor of 50,000 levels': '<a>'.repeat(50_000),
  'a descriptor of brackets': '<'.repeat(100_000),
  'a descriptor with entities': bombIn('<Envelope>&e9;</Envelope>'),
  'references named like the prototype':
    '<Envelope><References><File href="__proto__"/><File href="constructor"/></References></Envelope>',
  'a certificate of 130,000 lines': '-----BEGIN CERTIFICATE-----\n'.repeat(40_000),
}
const byteAttacks: Attack[] = [
  ...Object.entries(DESCRIPTORS).flatMap(([why, body]) =>
    [0, 1, 2, 3, 4].map((number): Attack => ({
      why,
      binding: 'bytes',
      method: 'PUT',
      target: `~upload.${number}~`,
      body,
      headers: anonymous,
    })),
  ),
  {
    why: 'an upload of nothing, in chunks',
    binding: 'bytes',
    raw: `PUT ~upload.3~ HTTP/1.1\r\n${HOST}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  ...[
    ...'9007199254740992 9223372036854775807 83886080001 18446744073709551616 -1 1e3 0x10 +5'.split(' '),
    '3, 3',
    '5\r\ncontent-length: 6',
  ].map((length): Attack => ({
    why: `an upload of ${JSON.stringify(length)} bytes, or so it says`,
    binding: 'bytes',
    isCut: true,
    raw: `PUT ~upload.4~ HTTP/1.1\r\n${HOST}\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\nhello`,
  })),
  ...['%E0%A4%A', 'a%00b', '..%2f..%2fa', '%2e%2e', 'a%2Fb', '%', 'a'.repeat(300)].map((name): Attack => ({
    why: 'a name with slashes, NULs or escapes in an address',
    binding: 'bytes',
    method: 'PUT',
    target: `/cls/data/~forged.0~/${name}`,
    body: 'a',
  })),
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
  'zz\r\n',
  '5\r\nhel',
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
    of({ why: 'a body that ends before its length', raw: `${start}content-length: 100\r\n\r\n{"a":` }),
    of({ why: 'a length and chunks', raw: `${start}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n` }),
    of({
      why: 'more body than its length',
      raw: `${start}content-length: 2\r\n\r\n{}GET / HTTP/1.1\r\nhost: a\r\n\r\n`,
    }),
    {
      ...whole,
      why: 'a body of 8 MiB that is not read',
      target: binding === 'bytes' ? '/cls/data/nothing/a.iso' : target,
      body: ' '.repeat(8 * 1024 * 1024),
    },
    { ...whole, why: 'a body that is no UTF-8', body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) },
    { ...whole, why: 'a body without a type', body: '{}', headers: { 'content-type': '' } },
  ]
})

const STATES = ['__proto__', 'constructor', 'toString', '', 'an update session']
const FIND = '/__admin/requests/find'
const PROVIDER_STATES = '/__admin/pact/provider-states'
const NO_SANDBOXES = ['%ff', 'a%00b', '', 'x'.repeat(257), '%zz', encodeURIComponent('é'.repeat(128))]
const NO_SPANS = [`${'1'.repeat(31)}x`, '1'.repeat(32), '-1s', '1e9s', 'NaN', '99999999999999999999d']
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
  ...NO_SANDBOXES.map((name) => get('the name of a sandbox that is none', `/__admin/clock?sandbox=${name}`)),
  ...NO_SPANS.map((by) => post('a span of time that is none, or too long', '/__admin/clock/advance', { by })),
  ...['', 'localhost.evil.example', 'evil.example', '~host.0~@evil.example'].map((host): Attack => ({
    why: 'a Host that is not this machine',
    raw: raw('GET /__admin/clock HTTP/1.1', `host: ${host}`),
  })),
  get('a page of another site', '/__admin/requests', { origin: 'http://evil.example' }),
  get('an address that the client chooses', '/__admin/requests', {
    'mf-original-url': 'http://localhost/__admin/requests',
  }),
  post('files of 60,000 characters each', '/__admin/sessions', {
    files: Array.from({ length: 4 }, (_, n) => ({ name: `${n}`, status: 'READY', content: 'a'.repeat(60_000) })),
  }),
].map((attack): Attack => ({
  binding: 'admin',
  ...attack,
  headers: { 'x-mock-sandbox': 'fuzz-steered', ...attack.headers },
}))

const NO_LOGINS = [
  'Basic !!!',
  'Basic',
  `Basic ${'a'.repeat(16_000)}!`,
  `${' '.repeat(16_000)}basic a`,
  `Basic ${'a='.repeat(8000)}`,
  `Basic ${'='.repeat(16_000)}a`,
  'Basic /////w==',
  'Bearer a',
  'Basic ~basic.0~, Basic ~basic.0~',
]
const headerAttacks: Attack[] = [
  get('a request that a PULL of a mock has sent', '/', { 'cdn-loop': 'cloudflare; v=1, Update-Session-Mock;x=1' }),
  ...[';', ',', ' ', 'a;', 'update-session-mock', '"'].map((unit) =>
    get('CDN-Loop of 16 KiB', '/', { 'cdn-loop': `a${unit.repeat(16_384 / unit.length)}b` }),
  ),
  ...NO_LOGINS.map((authorization) =>
    post('a login that is none', '/api/session', '', { authorization, ...anonymous }),
  ),
  ...['a', '-', '_', '.', 'a.', '0'].map((unit) =>
    get('a token of 16 KiB', '/api/session', { 'vmware-api-session-id': `${unit.repeat(16_384 / unit.length)}!` }),
  ),
  ...['application/json', 'a/', 'text/xml;'].map((type) =>
    post('a media type of 32 KiB', SESSIONS, '{}', { 'content-type': `${type}${' '.repeat(32_000)}x` }),
  ),
  ...['="', ';', '%', 'a=b; ', 'vmware_soap_session='].map((unit): Attack => ({
    ...post('cookies of 16 KiB', '/sdk', login(''), {
      'content-type': 'text/xml',
      cookie: unit.repeat(16_384 / unit.length),
    }),
    binding: 'SOAP',
  })),
  post('a client token of one character too many', SESSIONS, '{}', { 'client-token': 'x'.repeat(256) }),
  {
    why: 'a host name of 20,000 dots',
    raw: raw('GET /__admin/clock HTTP/1.1', `host: ${'1.'.repeat(20_000)}localhost`),
  },
]

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
const HOSTS = [
  'x: y',
  'host: a\r\nhost: b',
  `host: ${'a'.repeat(60_000)}`,
  ...['', 'a/b', 'a@b', 'a b', '[', '//', 'x:99999', '%00'].map((host) => `host: ${host}`),
]
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
  get('a path of 8,000 segments: the router tried each of its own at each', `/api${'/a'.repeat(8000)}`),
  { ...get('a path of 8,000 segments of /rest', `/rest${'/com'.repeat(8000)}`), binding: '/rest' },
  { ...get('a path of 8,000 ids of /rest', `${REST_SESSIONS}${'/id:a'.repeat(8000)}`), binding: '/rest' },
  get('a path of 60,000 slashes', '/'.repeat(60_000)),
  { ...get('a path longer than the runtime reads', `/${'a'.repeat(66_000)}`), isCut: true },
  get('a path of 20,000 escapes', `${SESSIONS}/${'%41'.repeat(20_000)}`),
  get('a path of 20,000 broken escapes', `${SESSIONS}/${'%E0'.repeat(20_000)}`),
  get('a query of 30,000 parameters', `${SESSIONS}?${'a&'.repeat(30_000)}`),
  get('a parameter given 3,000 times', `${SESSIONS}?${'library_item_id=a&'.repeat(3000)}`),
  get('the prototype as a parameter', `${SESSIONS}?__proto__=a&constructor=b&toString=c`),
  ...["' OR '1'='1", '__proto__', 'a%2Fb', 'a%00b', '%E0%A4%A', 'a'.repeat(256), '..%2f..'].map((id) =>
    get('an id that is none', `${SESSIONS}/${id.replaceAll(' ', '%20')}`),
  ),
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
  ...rowAttacks,
  ...queryAttacks,
  ...globAttacks,
  ...jsonAttacks,
  ...rpcAttacks,
  ...xmlAttacks,
  ...byteAttacks,
  ...framingAttacks,
  ...adminAttacks,
  ...headerAttacks,
  ...lineAttacks,
]
