// Requests of every kind, made of the operation table and of what the mock says of itself: right ones with something wrong in them.
import * as fc from 'fast-check'
import * as z from 'zod'
import * as shapes from '../../src/admin/shapes.ts'
import { all, current } from '../../src/operations/index.ts'
import { id as idOf, type Operation } from '../../src/operations/operation.ts'
import { credentials as named, envelope, property } from '../support/soap-call.ts'
import { dataValue, jsonRpcOf, spell, withPassword, withSession } from '../support/spelling.ts'
import { FAULTY, PASSWORD, STEERED } from './stage.ts'
import type { Surface } from './surface.ts'
import { odd, oddText, real, row, malformed, UNITS, valueOf, word, wrong, type Json, type Named } from './values.ts'

export type Binding = '/api' | '/rest' | 'JSON-RPC' | 'SOAP' | 'bytes' | 'admin' | 'routing'
export type Request = {
  binding: Binding
  /** What it is, for people. */
  what: string
  /** All of its bytes but those of the body; each character is one of UTF-8. */
  head: string
  body: string | Uint8Array
  /** The sizes of the chunks that it is sent in, one after the other. */
  chunks?: number[]
  /** It says that more comes, or is no HTTP: the mock may wait for the rest, until the client says that there is none. */
  isCut?: boolean
  /** What a success of it answers. */
  output?: z.ZodType
}

type Header = [name: string, value: string]
type Parts = {
  binding: Binding
  what: string
  method: string
  target: string
  headers: Header[]
  body: string | Uint8Array
  output?: z.ZodType
}
type Framing = { way: 'length' | 'chunked' | 'cut'; sizes: number[]; extra: Header[] }

/** Bytes that no text has. */
const noise = fc.uint8Array({ maxLength: 64 })
const ODD_METHODS = 'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PURGE PROPFIND FOO get'.split(' ')

/** What a header can hold: no line ends, and no more than a server reads of all of them. */
const headerText = (text: fc.Arbitrary<string>) =>
  text.map((given) =>
    given
      .replaceAll(/[^\t -~\u{a1}-\u{ffff}]/gu, '')
      .trim()
      .slice(0, 16_384),
  )
const longHeader = headerText(row(16_384))
const HEADERS =
  `accept accept-encoding accept-language cache-control client-token content-encoding cookie expect if-match if-none-match
  if-range range origin soapaction traceparent user-agent x-request-id vapi-service vapi-operation authorization
  vmware-api-session-id x-mock-sandbox cdn-loop cf-connecting-ip x-forwarded-for x-forwarded-host x-forwarded-proto
  x-http-method-override sec-fetch-site referer te proxy-authorization vmware-use-header-authn upgrade
  x-vmware-vapi-session-id if-modified-since dnt`.split(/\s+/)
const oddHeader: fc.Arbitrary<Header> = fc.tuple(
  fc.oneof(fc.constantFrom(...HEADERS), fc.stringMatching(/^[a-z][a-z-]{0,20}$/)),
  headerText(
    fc.oneof(
      oddText,
      row(16_384),
      fc.constantFrom(
        ...'* null 0 -1 bytes=0- bytes=5-1 bytes=-0 gzip 100-continue W/"a" cross-site http://evil.example'.split(' '),
        `bytes=${'0-0,'.repeat(2000)}`,
      ),
    ),
  ),
)

const framing: fc.Arbitrary<Framing> = fc.record({
  way: fc.oneof(
    { weight: 14, arbitrary: fc.constant('length' as const) },
    { weight: 5, arbitrary: fc.constant('chunked' as const) },
    fc.constant('cut' as const),
  ),
  sizes: fc.array(fc.constantFrom(1, 2, 7, 100, 4096, 65_536), { minLength: 1, maxLength: 3 }),
  extra: fc.oneof({ weight: 4, arbitrary: fc.constant<Header[]>([]) }, fc.array(oddHeader, { maxLength: 3 })),
})

/** No proof, or one that is good, ended, made up or odd; which of these headers proves a login, the binding knows. */
const credentials: fc.Arbitrary<Header[]> = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Header[]>([['vmware-api-session-id', '~token.0~']]) },
  ...[
    [],
    [['vmware-api-session-id', '~revoked.0~']],
    [['vmware-api-session-id', '~broken.0~']],
    [['vmware-api-session-id', '~forged.0~']],
    [['authorization', 'Basic ~basic.0~']],
    [['cookie', 'vmware-api-session-id=~token.0~; vmware_soap_session=~token.0~']],
    [
      ['vmware-api-session-id', '~token.0~'],
      ['vmware-api-session-id', '~revoked.0~'],
    ],
  ].map((headers) => fc.constant(headers as Header[])),
  longHeader.map((text): Header[] => [['vmware-api-session-id', text]]),
  longHeader.map((text): Header[] => [['authorization', `Basic ${text}`]]),
)
const contentType = (usual: string): fc.Arbitrary<Header[]> =>
  fc.oneof(
    { weight: 24, arbitrary: fc.constant<Header[]>([['content-type', usual]]) },
    fc
      .oneof(
        fc.constantFrom(
          'application/json;charset=utf-16',
          ...'APPLICATION/JSON text/plain text/xml application/x-www-form-urlencoded multipart/form-data a+xml '.split(
            ' ',
          ),
        ),
        longHeader,
        row(60_000).map((text) => headerSafe(`application/json ${text}`)),
      )
      .map((type): Header[] => [['content-type', type]]),
    fc.constant<Header[]>([]),
  )
export const headerSafe = (text: string) => text.replaceAll(/[^\t -~]/g, '').trim()

/** How a value becomes the bytes of a body. */
const bodyOf = (text: fc.Arbitrary<string>): fc.Arbitrary<string | Uint8Array> =>
  fc.oneof(
    { weight: 25, arbitrary: text },
    { weight: 3, arbitrary: malformed(text) },
    { weight: 2, arbitrary: row() },
    fc.constantFrom('', ' ', 'null', '0', '""', '[]', '{}', '\ufeff{}', '{"a":1,"a":2}', '{}{}', '[[]]'),
    fc.tuple(text, noise).map(([whole, bytes]) => Buffer.concat([Buffer.from(whole), bytes])),
    // To the last byte that a body may have, and beyond.
    fc
      .tuple(fc.constantFrom(...UNITS, '{"a":', '[', '0,'), fc.constantFrom(262_144, 1_048_576, 1_048_577))
      .map(([unit, length]) => unit.repeat(length / Buffer.byteLength(unit))),
  )

const plainly = (text: string) => encodeURIComponent(text.toWellFormed())
const targetText = (text: string) => text.replaceAll(/[^!-~]/gu, (character) => plainly(character))
/** A segment of a path or a value of a query, as it should be written or not. */
const spelled = (value: Json | undefined, isPlain: boolean) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return isPlain ? plainly(text) : targetText(text)
}
const queryOf = (entries: [string, string][]) =>
  entries.length === 0 ? '' : `?${entries.map((pair) => pair.join('=')).join('&')}`

/** What is wrong with an address, rarely. */
const detour: fc.Arbitrary<(target: string) => string> = fc.oneof(
  { weight: 20, arbitrary: fc.constant((target: string) => target) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.oneof(word, oddText, row(32_768)), fc.oneof(word, oddText, row(32_768))).map(
      ([name, value]) =>
        (target: string) =>
          `${target}${target.includes('?') ? '&' : '?'}${plainly(name)}=${targetText(value)}`,
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(), fc.oneof(oddText, row(32_768)), fc.boolean())
      .map(([number, text, isPlain]) => (target: string) => {
        const at = 1 + (number % target.length)
        return `${target.slice(0, at)}${spelled(text, isPlain)}${target.slice(at)}`
      }),
  },
)
const methodOr = (usual: string) =>
  fc.oneof({ weight: 24, arbitrary: fc.constant(usual) }, fc.constantFrom(...ODD_METHODS))

/** The services by which logins begin and end: each request there has one of its own to end. */
const LOGINS = new Set(all.filter(({ login }) => login).map(({ service }) => service))
const proofFor = ({ service, login }: Operation): fc.Arbitrary<Header[]> => {
  if (login)
    return fc.oneof(
      { weight: 4, arbitrary: fc.constant<Header[]>([['authorization', 'Basic ~basic.0~']]) },
      credentials,
    )
  return LOGINS.has(service) ? real('spare').map((token): Header[] => [['vmware-api-session-id', token]]) : credentials
}

const inputOf = ({ input }: Operation): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .oneof(valueOf(input()), wrong(valueOf(input())))
    .map((value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {},
    )
/** Its proofs are replaced by others. */
const CALLER = { token: '', user: '' }

const restful = (binding: '/api' | '/rest', operation: Operation): fc.Arbitrary<Parts> =>
  inputOf(operation).chain((input) => {
    const { method: usual, path, headers, body } = spell(binding, operation, input, CALLER)
    const token = headers['client-token']
    const tokens: Header[] = token === undefined ? [] : [['client-token', headerSafe(token)]]
    const straight = targetText(path)
    return fc
      .record({
        method: methodOr(usual),
        proof: proofFor(operation),
        type: contentType('application/json'),
        turn: detour,
        sent:
          body === undefined
            ? fc.oneof({ weight: 8, arbitrary: fc.constant('') }, bodyOf(fc.constant('{}')))
            : bodyOf(fc.constant(body)),
      })
      .map(({ method, proof, type, turn, sent }) => {
        const target = turn(straight).slice(0, 64_000)
        const isUsual = target === straight && method === usual && binding === '/api'
        return {
          binding,
          what: idOf(operation),
          method,
          target,
          headers: [...proof, ...type, ...tokens],
          body: sent,
          ...(isUsual && { output: operation.output() }),
        }
      })
  })

const jsonRpc = (operation: Operation): fc.Arbitrary<Parts> => {
  const right = valueOf(operation.input()).map((value) => dataValue(operation.input(), value))
  const input = fc.oneof({ weight: 3, arbitrary: right }, { weight: 5, arbitrary: wrong(right) })
  const token = LOGINS.has(operation.service) ? real('spare') : fc.constant('~token.0~')
  const securityCtx = fc.oneof(
    { weight: 8, arbitrary: token.map(withSession) },
    { weight: operation.login ? 40 : 1, arbitrary: fc.constant(withPassword('~user.0~', PASSWORD)) },
    oddText.map((text) => withPassword(text, text)),
    fc.constant(undefined),
  )
  const call = fc
    .tuple(input, securityCtx)
    .map(([value, ctx]) => JSON.parse(jsonRpcOf(operation.service, operation.name, value, ctx).body) as Json)
  const body = bodyOf(fc.oneof({ weight: 6, arbitrary: call }, wrong(call)).map((value) => JSON.stringify(value)))
  return fc.tuple(body, contentType('application/json')).map(([bytes, type]) => ({
    binding: 'JSON-RPC',
    what: idOf(operation),
    method: 'POST',
    target: '/api',
    headers: type,
    body: bytes,
  }))
}

const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[^\t\n -\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, ' ')
/** Texts that mean something to one who reads XML. */
const MARKUP = [
  ...'<!DOCTYPE|a> <![CDATA[a]]> <!--a--> <?a|b?> <a:b/> <a|xmlns="" <a></b> &lt; &#0; &#x110000; &nbsp; & <_this/>'
    .split(' ')
    .map((text) => text.replaceAll('|', ' ')),
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
  '<a b="1" b="2"/>',
  '<a xmlns:a="a"/>',
]
const markup = fc.oneof(
  fc.constantFrom(...MARKUP),
  row(),
  fc.constantFrom(31, 32, 33, 1000).map((depth) => '<a>'.repeat(depth) + '</a>'.repeat(depth)),
  fc
    .tuple(fc.constantFrom('<a/>', '<a></a>', '<a b="c"/>', '<!---->', '<?a?>', '&#65;'), fc.constantFrom(100, 5000))
    .map(([part, count]) => part.repeat(count)),
  oddText.map(escaped),
)
const soap = ({ soap: services }: Pick<Surface, 'soap'>): fc.Arbitrary<Parts> =>
  fc
    .record({
      service: fc.constantFrom(...services),
      number: fc.nat(),
      on: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('ServiceInstance', 'SessionManager', 'propertyCollector') },
        oddText.map(escaped),
      ),
      within: fc.oneof(
        fc.constantFrom(named('~user.0~', PASSWORD), property('SessionManager', 'currentSession')),
        oddText.map((text) => named(escaped(text), escaped(text))),
        markup,
      ),
      type: contentType('text/xml; charset="utf-8"'),
      cookie: fc.oneof(
        real('spare').map((token) => `vmware_soap_session=${token}`),
        longHeader,
        fc.constant(''),
      ),
    })
    .chain(({ service: { path, namespace, methods }, number, on, within, type, cookie }) => {
      const method = methods[number % methods.length] ?? ''
      const text = envelope(`<${method} xmlns="${namespace}"><_this>${on}</_this>${within}</${method}>`)
      const body = fc.oneof(
        { weight: 4, arbitrary: fc.constant(text) },
        malformed(fc.constant(text)),
        fc.tuple(fc.nat(text.length), markup).map(([at, more]) => text.slice(0, at) + more + text.slice(at)),
        bodyOf(fc.constant(text)),
      )
      return body.map((bytes) => ({
        binding: 'SOAP',
        what: method,
        method: 'POST',
        target: path,
        headers: [...type, ['cookie', cookie]],
        body: bytes,
      }))
    })

const manifest = fc
  .array(
    fc.tuple(
      fc.constantFrom('SHA1', 'SHA256', 'sha512', 'MD5', 'X', '\t'),
      fc.oneof(fc.constantFrom('a.iso', 'a.ovf', ')', '(('), oddText),
      fc.constantFrom('0'.repeat(40), 'g', ''),
    ),
    { maxLength: 20 },
  )
  .map((lines) => lines.map(([algorithm, name, digest]) => `${algorithm}(${name})= ${digest}`).join('\n'))
const descriptor = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom('a.iso', 'b.iso', '../a', '__proto__'), oddText.map(escaped)), { maxLength: 5 }),
    markup,
  )
  .map(
    ([names, more]) =>
      `<Envelope><References>${names.map((name) => `<File href="${name.replaceAll('"', '')}"/>`).join('')}${more}</References></Envelope>`,
  )
const content = fc.oneof(
  manifest,
  descriptor,
  malformed(manifest),
  malformed(descriptor),
  row(),
  noise,
  fc.constant(''),
  fc.tuple(row(), fc.constantFrom(2, 10)).map(([text, count]) => `${text}\n`.repeat(count)),
)
const bytes: fc.Arbitrary<Parts> = fc
  .record({
    upload: fc.oneof(
      { weight: 8, arbitrary: real('upload') },
      fc
        .tuple(fc.oneof(fc.constant('~forged.0~'), oddText), oddText)
        .map((segments) => `/cls/data/${segments.map(plainly).join('/')}`),
    ),
    download: fc.oneof(
      { weight: 8, arbitrary: real('download') },
      fc
        .array(oddText, { maxLength: 3 })
        .map((segments) => `/cls/static/${segments.map(plainly).join('/')}?version=${segments.length}`),
    ),
    isUpload: fc.nat(3).map((n) => n > 0),
    method: fc.constantFrom('PUT', 'PUT', 'PUT', 'POST', 'GET'),
    body: content,
    turn: detour,
    proof: credentials,
    range: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Header[]>([]) },
      headerText(oddText).map((text): Header[] => [['range', `bytes=${text}`]]),
    ),
  })
  .map(({ upload, download, isUpload, method, body, turn, proof, range }) =>
    isUpload
      ? { binding: 'bytes', what: 'upload', method, target: turn(upload).slice(0, 64_000), headers: range, body }
      : {
          binding: 'bytes',
          what: 'download',
          method: 'GET',
          target: turn(download).slice(0, 64_000),
          headers: [...proof, ...range],
          body: '',
        },
  )

const glob = fc.oneof(
  fc.constantFrom('********Z', '*', '', '*a*a*', '*.cancel', '[a', '(a+)+$', `${'*a'.repeat(90)}Z`),
  row(256),
  fc.array(fc.constantFrom('*', 'a', 'e', '.', 'Z', '/'), { maxLength: 200 }).map((parts) => parts.join('')),
)
const span = fc.oneof(
  fc.constantFrom('1s', '5m', '2d', '0s', '-1s', '1.5h', '1e3s', '9'.repeat(32), `${'1'.repeat(20)}.${'1'.repeat(10)}`),
  fc.double(),
  row(64),
)
/** What texts of these names say in the admin API. */
const namedFor = ({ states }: Surface): Named => ({
  ...Object.fromEntries(
    'by delay session_idle session_retention api_session_idle after'.split(' ').map((name) => [name, span.map(String)]),
  ),
  ...Object.fromEntries(
    'url urlGlob urlPath urlPathGlob method equalTo contains glob headers'.split(' ').map((name) => [name, glob]),
  ),
  operation: fc.oneof(glob, fc.constantFrom(...all.map(idOf))),
  state: fc.constantFrom(...states.map(({ name }) => name)),
  name: fc.oneof(fc.constantFrom('a.iso', 'a.ovf', 'a.mf'), oddText),
  content: fc.oneof(manifest, descriptor, fc.constant('0123456789')),
  id: fc.oneof(fc.constantFrom('a:b', 'a'), oddText),
})
/** The parameters of states are read with their states alone. */
const paramsOf = ({ states }: Surface) =>
  fc
    .constantFrom(...states)
    .chain(({ parameters }) =>
      fc.record(Object.fromEntries(parameters.map(({ name }) => [name, fc.oneof(oddText, odd)]))),
    )
const SPECS = Object.values(shapes).flatMap((make) => {
  const shape = typeof make === 'function' ? make(100) : undefined
  return shape instanceof z.ZodObject ? [shape] : []
})
/** The smallest shape that has all these fields. */
function specOf(fields: string[]): z.ZodObject {
  const [spec] = SPECS.filter(({ shape }) => fields.every((field) => field in shape)).toSorted(
    (a, b) => Object.keys(a.shape).length - Object.keys(b.shape).length,
  )
  if (!spec) throw new Error(`No shape of the admin API has the fields ${fields.join(', ')}.`)
  return spec
}
const ADMIN_QUERY = ['limit', 'since', 'unmatched', 'sandbox', 'a']

const admin = (surface: Surface): fc.Arbitrary<Parts> =>
  fc.oneof(...surface.admin.map((route) => adminRoute(route, surface)))

function adminRoute(
  { method: usual, path, fields: names }: Surface['admin'][number],
  surface: Surface,
): fc.Arbitrary<Parts> {
  const whole = valueOf(specOf(names), namedFor(surface)) as fc.Arbitrary<Record<string, Json>>
  const given = names.includes('params')
    ? fc.tuple(whole, paramsOf(surface)).map(([spec, params]) => ({ ...spec, params }))
    : whole
  // Most fields that may be left out exclude one another.
  const few = given.chain((spec) =>
    fc.subarray(Object.entries(spec)).map((some) => Object.fromEntries(some.slice(0, 3))),
  )
  const value = fc.oneof(given, few).map((spec) => JSON.parse(JSON.stringify(spec)) as Json)
  // A fault takes the time that it is told to: where faults are made, nothing else is asked.
  const usualSandboxes = usual === 'GET' || path.includes('/requests') ? [STEERED, '~user.0~'] : [STEERED]
  const sandbox = path.includes('/faults')
    ? fc.constant(FAULTY)
    : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...usualSandboxes) }, oddText.map(plainly))
  return fc
    .record({
      method: methodOr(usual),
      id: fc.oneof(fc.constantFrom(STEERED, 'a', 'a:b'), real('request'), real('session'), oddText),
      sandbox,
      body:
        names.length === 0
          ? fc.oneof({ weight: 6, arbitrary: fc.constant('') }, bodyOf(fc.constant('{}')))
          : bodyOf(fc.oneof({ weight: 2, arbitrary: value }, wrong(value)).map((given) => JSON.stringify(given))),
      query: fc.oneof(
        { weight: 4, arbitrary: fc.constant<[string, string][]>([]) },
        fc.array(fc.tuple(fc.constantFrom(...ADMIN_QUERY), fc.oneof(oddText, span.map(String)).map(plainly)), {
          maxLength: 3,
        }),
      ),
      turn: detour,
      type: contentType('application/json'),
      where: fc.oneof(
        { weight: 20, arbitrary: fc.constant<Header[]>([]) },
        fc.constantFrom<Header[]>(
          [['origin', 'http://evil.example']],
          [['sec-fetch-site', 'cross-site']],
          [['host', 'evil.example']],
          [['authorization', 'Bearer a']],
        ),
      ),
    })
    .map(({ method, id, sandbox: name, body, query, turn, type, where }) => ({
      binding: 'admin',
      what: `${usual} ${path}`,
      method,
      target: turn(path.replace(':id', plainly(id)) + queryOf(path.includes('/faults') ? [] : query)).slice(0, 64_000),
      headers: [['x-mock-sandbox', headerSafe(name)], ...type, ...where],
      body,
    }))
}

const LINES = [...Array.from({ length: 16 }, () => 'HTTP/1.1'), 'HTTP/1.0', 'HTTP/2.0', 'http/1.1', '']
const oddTarget = (surface: Surface): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom(...surface.documented), fc.nat(), oddText, fc.boolean())
      .map(([{ path }, number, text, isPlain]) => {
        const at = 1 + (number % path.length)
        return `${targetText(path.slice(0, at))}${spelled(text, isPlain)}${targetText(path.slice(at))}`
      }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(...'api rest sdk __admin cls docs .. .  %2e%2e %2F com openapi.json'.split(' ')),
          oddText,
        ),
        { maxLength: 8 },
      )
      .map((segments) => `/${segments.map(targetText).join('/')}`),
    fc
      .tuple(
        fc.constantFrom('/', '/api/', '/rest/', '/__admin/', '/docs/', '/cls/data/', '//', '/api?', '/api/session?a='),
        row(60_000),
      )
      .map(([begin, text]) => begin + targetText(text)),
    fc
      .tuple(fc.constantFrom('/a', '/', '/..', '/%', '/%2F', '/api', '/:', '/;a'), fc.constantFrom(100, 8000))
      .map(([segment, count]) => segment.repeat(count)),
    fc.constantFrom(
      ...'http://evil.example/api http:// x /? /?&&=& /api?= //[ /\\evil /docs/a.b /docs/..%2f..%2fetc/passwd'.split(
        ' ',
      ),
      '/api/session?__proto__=a&constructor=b',
      '/__admin/console/main.js',
    ),
  )
function routing(surface: Surface): fc.Arbitrary<Parts & { version: string; before: string }> {
  return fc.record({
    binding: fc.constant('routing' as const),
    what: fc.constant('routing'),
    method: fc.constantFrom(...ODD_METHODS),
    target: oddTarget(surface).map((target) => target.slice(0, 66_000)),
    headers: fc
      .tuple(
        credentials,
        fc.array(oddHeader, { maxLength: 3 }),
        fc.constantFrom<Header[][]>(
          [],
          [],
          [['a', '']],
          Array.from({ length: 500 }, (_, index): Header => [`a${index}`, 'b']),
        ),
      )
      .map((lists) => lists.flat()),
    body: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, row(), noise),
    version: fc.constantFrom(...LINES),
    before: fc.oneof(
      { weight: 12, arbitrary: fc.constant('') },
      fc.constantFrom('\r\n', ' ', '\0', '\x16\x03\x01', 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'),
    ),
  })
}

/** A request by its parts, with the lengths or chunks that its framing gives it. */
function written(
  { binding, what, method, target, headers, body, output }: Parts,
  { way, sizes, extra }: Framing,
  version = 'HTTP/1.1',
  before = '',
): Request {
  const length: Header =
    way === 'chunked' ? ['transfer-encoding', 'chunked'] : ['content-length', way === 'cut' ? '9999999' : LENGTH]
  const isBare = body.length === 0 && way === 'length' && sizes.length > 1
  const all: Header[] = [
    ...(headers.some(([name]) => name === 'host') ? [] : [['host', '~host.0~'] satisfies Header]),
    ['connection', 'close'],
    ...headers,
    ...extra.filter(([name]) => name !== 'upgrade'),
    ...(isBare ? [] : [length]),
  ]
  return {
    binding,
    what,
    head: `${before}${method} ${target} ${version}\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    body,
    ...(way === 'chunked' && { chunks: sizes }),
    ...((way === 'cut' || version !== 'HTTP/1.1' || before !== '') && { isCut: true }),
    ...(output && { output }),
  }
}

const LENGTH = '~length~'
/** The bytes of a request, with what the stage has in place of its names. */
export function bytesOf({ head, body, chunks }: Request, fill: (text: string) => string): Buffer {
  const bytes = Buffer.from(typeof body === 'string' ? fill(body) : body)
  return Buffer.concat([
    Buffer.from(fill(head).replace(LENGTH, `${bytes.length}`)),
    chunks ? chunked(bytes, chunks) : bytes,
  ])
}

function chunked(bytes: Buffer, sizes: number[]): Buffer {
  const parts: Buffer[] = []
  for (let at = 0, number = 0; at < bytes.length; number++) {
    // Small ones to begin with; a megabyte of them would only take long to send.
    const size = number < 1000 ? (sizes[number % sizes.length] ?? 1) : 65_536
    const part = bytes.subarray(at, at + size)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
    at += size
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

const WHOLE: Framing = { way: 'length', sizes: [1], extra: [] }

/** What clients ask of each binding, right and wrong. */
export function partsOf(surface: Pick<Surface, 'soap'>): fc.Arbitrary<Parts> {
  const of = (weight: number, operations: Operation[], make: (operation: Operation) => fc.Arbitrary<Parts>) => ({
    weight,
    arbitrary: fc.oneof(...operations.map(make)),
  })
  return fc.oneof(
    of(5, current, (operation) => restful('/api', operation)),
    of(4, all, (operation) => restful('/rest', operation)),
    of(4, all, jsonRpc),
    { weight: 2, arbitrary: soap(surface) },
    { weight: 3, arbitrary: bytes },
  )
}

/** Requests that something can be wrong with; `what` names the operation, the route or the like. */
export const requestsOf = (surface: Surface): fc.Arbitrary<Request> =>
  fc.oneof(
    { weight: 18, arbitrary: fc.tuple(partsOf(surface), framing).map(([parts, how]) => written(parts, how)) },
    { weight: 4, arbitrary: fc.tuple(admin(surface), framing).map(([parts, how]) => written(parts, how)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(routing(surface), framing)
        .map(([{ version, before, ...parts }, how]) => written(parts, how, version, before)),
    },
  )

export type Attack = Omit<Partial<Parts>, 'headers'> & {
  why: string
  headers?: Record<string, string>
  raw?: string
  isCut?: boolean
}
/** An attack of the corpus as a request: whole and with a good login, where it does not say otherwise. */
export function attackOf({ why, raw, headers = {}, isCut, ...parts }: Attack): Request {
  const flags = { ...(isCut && { isCut }) }
  if (raw !== undefined) return { binding: 'routing', what: why, head: raw, body: '', ...flags }
  const { binding = '/api', method = 'POST', target = '/api', body = '' } = parts
  const given = { 'content-type': 'application/json', 'vmware-api-session-id': '~token.0~', ...headers }
  const chosen = Object.entries(given).filter(([, value]) => value !== '')
  return { ...written({ binding, what: why, method, target, headers: chosen, body }, WHOLE), ...flags }
}
