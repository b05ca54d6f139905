// Every function that sees text of clients: how it is called, with the text at each place where theirs can stand.
import * as z from 'zod'
import * as descriptors from '../../src/content/descriptor.ts'
import { validateInput } from '../../src/operations/validate.ts'
import * as credentials from '../../src/rules/credentials.ts'
import * as failures from '../../src/rules/failure.ts'
import { isNamed, matchFaults } from '../../src/rules/fault.ts'
import * as files from '../../src/rules/file.ts'
import { fitsGlob } from '../../src/rules/glob.ts'
import { readRange } from '../../src/rules/range.ts'
import { parseJson } from '../../src/rules/json.ts'
import { isOurOwn } from '../../src/rules/loop.ts'
import { applyMutant } from '../../src/rules/mutant.ts'
import { networkOf } from '../../src/rules/network.ts'
import * as redact from '../../src/rules/redact.ts'
import { readSpan } from '../../src/rules/settings.ts'
import { isOwnOrigin } from '../../src/rules/own-origin.ts'
import { isSameText } from '../../src/rules/same-text.ts'
import * as source from '../../src/rules/source.ts'
import * as sessions from '../../src/rules/update-session.ts'
import * as validation from '../../src/rules/validation.ts'
import * as body from '../../src/http/body.ts'
import * as values from '../../src/bindings/json-rpc/data-value.ts'
import * as maps from '../../src/bindings/rest/maps.ts'
import * as token from '../../src/http/token.ts'
import { decodeBase64Url, encodeBase64, encodeBase64Url } from '../../src/rules/base64url.ts'
import * as record from '../../src/rules/request-record.ts'
import * as layout from '../../src/rules/token.ts'
import * as xml from '../../src/bindings/soap/xml.ts'
import { aFile } from '../support/a-file.ts'

export type Call = (text: string) => unknown
/** The calls of each export, or why it is not measured. */
type Subjects = Record<string, Record<string, Call[] | string>>

const LIMIT = { bytes: 1_048_576, name: '' }
const json = { 'content-type': 'application/json' }
const post = (text: string, headers = {}) =>
  new Request('http://mock.test/api', { method: 'POST', body: text, headers: { ...json, ...headers } })
/** Of a map. */
const entriesOf = (text: string) => Array.from(text).map((key) => ({ key, value: text }))
/** What a header may hold. */
const printable = (text: string) => text.replaceAll(/[^ -~]/g, '')

const anAnswer = (body: object) => ({
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const names = z.object({ name: z.string().max(255), tags: z.array(z.string()), map: z.record(z.string(), z.string()) })
const anOperation = { service: 's', name: 'o', input: () => names }
const structureOf = (fields: Record<string, values.DataValue>) => values.structure('operation-input', fields)
const decode = (value: values.DataValue) => values.decode(names, value, '', [])

const aSession = (name: string): sessions.Session =>
  sessions.beginSession(
    {
      id: 's',
      libraryItemId: 'i',
      itemType: 'ovf',
      contentVersion: '1',
      warningBehavior: [],
      files: [aFile('READY', { name: `${name}.mf`, descriptor: { references: [name] } })],
      idleMs: 1,
      retentionMs: 1,
    },
    0,
  )
const manifest = (name: string, checksum: string) =>
  aFile('READY', { name: 'vm.mf', descriptor: { manifest: [{ name, algorithm: 'SHA1', checksum }] } })
const manifestsOf = (text: string) => Array.from(text.slice(0, 100), (name) => manifest(name, text.slice(0, 40)))
const never = () => 0
const readAs = (name: string, text: string) => descriptors.readDescriptor(name, new TextEncoder().encode(text))
const readOvf = (body: string) => readAs('vm.ovf', `<Envelope>${body}</Envelope>`)
const aFault = { id: 'f', operation: '*', skip: 0, probability: 1, seen: 0, applied: 0 }

/** Every constructor takes texts; those that take lists of them, or fewer, have their own calls. */
const constructors = Object.entries(failures)
  .filter(([, value]) => typeof value === 'function')
  .map(([name, make]) => {
    const construct = make as (...args: unknown[]) => unknown // each takes what it is given as text
    return [name, [(text: string) => construct(text, text, text, text, text)]] as const
  })

const NO_TEXT = 'It sees no text of clients.'
const NO_LOOK = 'It passes on the text, and does not look at it.'
const excluded = (why: string, names: string) => Object.fromEntries(names.split(' ').map((name) => [name, why]))

const aRecord = (text: string, value: object): record.RequestRecord => ({
  id: '1',
  at: 0,
  binding: 'api',
  facts: { said: { text } },
  sent: record.describeSent('POST', `/${text}`, new Headers(), text),
  durationMs: 1,
  isAuthenticated: true,
  ...record.shorten(failures.ok(value)),
})

const subjects: Subjects = {
  'src/rules/base64url.ts': {
    encodeBase64: [encodeBase64],
    encodeBase64Url: [encodeBase64Url],
    decodeBase64Url: [(text) => decodeBase64Url(encodeBase64Url(text))],
  },
  'src/rules/clock.ts': excluded(NO_TEXT, 'read changeClock'),
  'src/rules/credentials.ts': {
    isUserName: [credentials.isUserName],
    isAllowed: [
      (text) => credentials.isAllowed({ user: text, password: text }, ''),
      (text) => credentials.isAllowed({ user: 'ada', password: text }, 'ada:x,grace:y'),
      (text) => credentials.isAllowed({ user: text, password: 'x' }, 'a*b*c:x,*:x'),
    ],
    passwordOf: [(text) => credentials.passwordOf(text, 'ada:x,grace:y')],
    readCredentials: NO_TEXT,
  },
  'src/rules/deadlines.ts': { nextAlarm: NO_TEXT },
  'src/rules/expressions.ts': {},
  'src/rules/failure.ts': {
    ...Object.fromEntries(constructors),
    filesMissing: [(text) => failures.filesMissing([text, text])],
    noOperation: [(text) => failures.noOperation(text, [text])],
    invalidInput: [(text) => failures.invalidInput(text, [failures.invalidField(text)])],
    notAllowed: [(text) => failures.notAllowed(text, 'ERROR', failures.clientError(text))],
    wrongSettings: NO_TEXT,
    explain: NO_LOOK,
  },
  'src/rules/fault.ts': {
    metOf: NO_TEXT,
    isNamed: [(text) => isNamed('com.vmware.content.library', text), (text) => isNamed(text, text)],
    matchFaults: [
      (text) => matchFaults([{ ...aFault, operation: text }], { operation: text, input: {} }, never),
      (text) =>
        matchFaults([{ ...aFault, match: { [text]: text } }], { operation: 'a', input: { [text]: text } }, never),
    ],
  },
  'src/rules/file.ts': {
    transfer: [
      (text) =>
        files.transfer(aFile('TRANSFERRING', { name: text, checksum: { algorithm: 'SHA1', checksum: text } }), {
          type: 'receive',
          transferId: 't',
          received: { key: 'k', sizeBytes: 3, digests: { SHA1: text } },
        }),
    ],
    wrongFileName: [files.wrongFileName],
    isDigest: [(text) => files.ALGORITHMS.map((algorithm) => files.isDigest({ algorithm, checksum: text }))],
    ...excluded(NO_TEXT, 'contentKeyOf bytesTransferred'),
    ...excluded(NO_LOOK, 'markFile checksumOf dropped broken'),
  },
  'src/rules/glob.ts': {
    fitsGlob: [
      (text) => fitsGlob(text, text),
      (text) => fitsGlob('a'.repeat(text.length), text),
      (text) => fitsGlob(text, '*a*b*'),
      (text) => fitsGlob(text, `*${text.slice(0, 255)}*b`),
    ],
  },
  'src/rules/hex.ts': { hexOf: NO_TEXT },
  'src/rules/json.ts': { parseJson: [parseJson, (text) => parseJson(`[${JSON.stringify(text)}]`)] },
  'src/rules/loop.ts': { isOurOwn: [isOurOwn] },
  'src/rules/mutant.ts': {
    applyMutant: [
      (text) => applyMutant(anAnswer({ error_type: 'NOT_FOUND', messages: [text] }), 'error-type'),
      (text) => applyMutant(anAnswer({ [text]: Array.from(text), id: text }), 'missing-id'),
    ],
  },
  'src/rules/nearest.ts': excluded(NO_TEXT, 'hint nearest'),
  'src/rules/network.ts': { networkOf: [networkOf] },
  'src/rules/redact.ts': {
    keptOf: [(text) => redact.keptOf(text, text)],
    withoutSecrets: [(text) => redact.withoutSecrets({ [text]: [text] }), (text) => redact.withoutSecrets(text, 512)],
    beginningOf: [(text) => redact.beginningOf(text, 4096)],
    redact: [(text) => redact.redact(text)],
    excerpt: [
      (text) => redact.excerpt(text, text.length),
      (text) => redact.excerpt(text, text.length - 1),
      (text) => redact.excerpt(`"password":${text}`, text.length * 2),
    ],
  },
  'src/rules/request-record.ts': {
    describeSent: [(text) => record.describeSent('GET', text, new Headers(), text)],
    keep: [(text) => record.keep(aRecord(text, [text]))],
    shorten: [(text) => record.shorten(failures.ok([text]))],
  },
  'src/rules/settings.ts': { readSpan: [readSpan], ...excluded(NO_TEXT, 'whyNoStart readSettings') },
  'src/rules/range.ts': {
    readRange: [
      (text) => readRange(text, 1000),
      (text) => readRange(`bytes=${text}`, 1000),
      (text) => readRange(`bytes=0-${text}`, 1000),
    ],
  },
  'src/rules/own-origin.ts': {
    isOwnOrigin: [(text) => isOwnOrigin({ get: (name) => (name === 'origin' ? text : null) } as Headers, text, text)],
  },
  'src/rules/same-text.ts': {
    isSameText: [(text) => isSameText(text, 'secret'), (text) => isSameText(text, `${text}a`)],
  },
  'src/rules/source.ts': {
    mayPull: [
      (text) => source.mayPull(text, '*,*.example.com,loopback'),
      (text) => source.mayPull(`http://${text}/`, '*,*.example.com,loopback'),
    ],
    isLoopback: [source.isLoopback],
    splitSource: [source.splitSource, (text) => source.splitSource(`http://${text}@host/`)],
  },
  'src/rules/token.ts': {
    readToken: [layout.readToken],
    anotherToken: [(text) => layout.anotherToken(text, '')],
    composeToken: NO_TEXT,
  },
  'src/rules/update-session.ts': {
    transition: [
      (text) => sessions.transition(aSession(text), { type: 'complete' }, 0),
      (text) => sessions.transition(aSession('a'), { type: 'fail', reason: failures.clientError(text) }, 0),
      (text) =>
        sessions.transition(
          { ...aSession('a'), files: [manifest(text, text)] },
          { type: 'transfer', file: manifest(text, text) },
          0,
        ),
    ],
    concernsAll: [
      (text) => sessions.concernsAll({ ...aSession('a'), itemType: text }, { type: 'transfer', file: aFile('READY') }),
    ],
    ...excluded(NO_TEXT, 'shown isOpen isExpired'),
    beginSession: NO_LOOK,
  },
  'src/rules/validation.ts': {
    missingFiles: [(text) => validation.missingFiles(text, [])],
    brokenFile: [
      (text) => validation.brokenFile('ovf', [manifest(text, text), aFile('READY', { name: text })]),
      (text) => validation.brokenFile('ovf', manifestsOf(text)),
    ],
    isOvf: [validation.isOvf],
    isKeptInStorage: [
      (text) => validation.isKeptInStorage(text, text),
      (text) => validation.isKeptInStorage('ovf', text),
    ],
    previewState: [(text) => validation.previewState([aFile('READY', { name: text })])],
    isUnderWay: NO_TEXT,
    whyNotReceived: NO_LOOK,
  },
  'src/bindings/soap/xml.ts': {
    parseXml: [
      xml.parseXml,
      (text) => xml.parseXml(`<a>${text}</a>`),
      (text) => xml.parseXml(`<a b="${text}"/>`),
      (text) => xml.parseXml(`<a><![CDATA[${text}]]></a>`),
      (text) => xml.parseXml(`<${text}/>`),
    ],
    elementsIn: [(text) => xml.elementsIn({ [text]: Array.from(text) })],
    allowedInXml: [xml.allowedInXml],
  },
  'src/http/body.ts': {
    readJson: [
      (text) => body.readJson(post(text), LIMIT),
      (text) => body.readJson(post(JSON.stringify({ [text]: text })), LIMIT),
      (text) => body.readJson(post('['.repeat(text.length)), LIMIT),
      (text) => body.readJson(post('{}', { 'content-type': printable(text) }), LIMIT),
      (text) => body.readJson(post('{}', { 'content-length': printable(text) }), LIMIT),
    ],
    readText: [(text) => body.readText(post(text), LIMIT)],
    lengthOf: [(text) => body.lengthOf(post('', { 'content-length': printable(text) }))],
    withoutNulls: [(text) => body.withoutNulls({ [text]: Array.from(text), a: null })],
    ...excluded(NO_LOOK, 'bodyTextOf hasBody bodyOf restOf'),
  },
  'src/bindings/json-rpc/data-value.ts': {
    DataValue: [
      (text) => values.DataValue.safeParse({ BINARY: text }),
      (text) => values.DataValue.safeParse({ STRUCTURE: { [text]: { [text]: Array.from(text) } } }),
    ],
    encode: [(text) => values.encode(names, { name: text, tags: Array.from(text), map: { [text]: text } })],
    decode: [
      (text) => decode(text),
      (text) => decode(structureOf({ name: text, tags: Array.from(text), [text]: text })),
      (text) => decode(structureOf({ map: entriesOf(text).map((entry) => values.structure('map-entry', entry)) })),
    ],
    ...excluded(NO_TEXT, 'structureName isSecretField'),
    structure: NO_LOOK,
  },
  'src/bindings/rest/maps.ts': {
    listsToMaps: [
      (text) => maps.listsToMaps(names, { [text]: text, tags: Array.from(text) }),
      (text) => maps.listsToMaps(names, { map: entriesOf(text) }),
    ],
  },
  'src/http/token.ts': {
    mint: [(text) => token.mint(text, 'key')],
    sandboxOf: [(text) => token.sandboxOf(text, 'key'), (text) => token.sandboxOf(`${text}.${'0'.repeat(64)}`, 'key')],
  },
  'src/content/descriptor.ts': {
    readDescriptor: [
      (text) => readAs(text, 'x'),
      (text) => readAs('vm.mf', text),
      (text) => readAs('vm.mf', `SHA1(${text})= 00`),
      (text) => readAs('vm.ovf', text),
      (text) => readAs('vm.ovf', `<?xml ${text}`),
      (text) => readAs('vm.ovf', `<?xml encoding="${text}`),
      (text) => readOvf(`<References>${text}</References>`),
      (text) => readOvf(`<References><File href="${text}"/></References>`),
      (text) => readOvf('&#38;'.repeat(text.length / 8)),
    ],
  },
  'src/operations/schemas.ts': excluded(
    NO_TEXT,
    'text listOf mapOf schemaNamed modelNamed union nothing ids LocalizableMessage StorageBacking',
  ),
  'src/operations/validate.ts': {
    validateInput: [
      (text) => validateInput(anOperation, { name: text, tags: text, [text]: text }),
      (text) => validateInput(anOperation, { tags: Array.from(text).map(() => 1), map: [text] }),
    ],
  },
}

export const paths = Object.keys(subjects)

/** Each export that can be given a text, with its calls: none for one that is excluded, nothing for one that is unknown. */
export async function callsIn(path: string): Promise<[name: string, calls: Call[] | undefined][]> {
  const exported = (await import(new URL(`../../${path}`, import.meta.url).href)) as object
  return Object.entries(exported).flatMap(([name, value]: [string, unknown]): [string, Call[] | undefined][] => {
    if (value instanceof RegExp) return [[name, callsOf(value)]]
    const given = subjects[path]?.[name]
    if (value instanceof z.ZodType)
      return [[name, [(text) => value.safeParse(text), ...(Array.isArray(given) ? given : [])]]]
    return typeof value === 'function' ? [[name, typeof given === 'string' ? [] : given]] : []
  })
}

const callsOf = (expression: RegExp): Call[] => {
  const everywhere = new RegExp(expression, expression.flags.replace('g', '') + 'g')
  return [(text) => expression.test(text), (text) => text.replaceAll(everywhere, '')]
}
