// Values that fit a schema, and what becomes of them when one is wrong: made by fast-check, so that a seed makes them again.
import * as fc from 'fast-check'
import * as z from 'zod'

/** Stands for something that a stage has when the request is sent: `~item.3~`. No encoding of a request changes it. */
export const real = (kind: string): fc.Arbitrary<string> => fc.nat(7).map((number) => `~${kind}.${number}~`)

const IDS = ['library', 'item', 'session', 'ended', 'gone', 'request'] as const
const anId = fc.oneof(
  ...IDS.map(real),
  fc.uuid(),
  fc.tuple(fc.uuid(), fc.uuid()).map((ids) => ids.join(':')),
)
/** What the texts of these names say, wherever they stand; of one that is not here, any id is as good. */
export type Named = Record<string, fc.Arbitrary<string>>
const NAMED: Named = {
  library_id: real('library'),
  library_item_id: real('item'),
  update_session_id: real('session'),
  file_name: real('file'),
  name: real('file'),
}

/** What was slow, or could be, when it stands in a row: something that a scanner looks ahead from, and cannot find the end of. */
export const UNITS = [
  ...`a A 0 - _ . , ; : / = & ? % + ~ @ # $ ^ | " ' \\ < > ( ) [ ] { } * ! é 中 ;key key= ?key= "password":" "password":{`.split(
    ' ',
  ),
  ...`<password> <password </ <a <![CDATA[ <!-- &amp; &# %2e %zz \\u0077 \\" :// Bearer Basic *a a* *.* SHA1(a)= (a)=0 a.b`.split(
    ' ',
  ),
  ...`xmlns:a="b" a=" a=' 127. 1s 1. -0 x@y a:b a=b; q=0, sig= {" pwd=' ://a@ &#65;`.split(' '),
  ' ',
  '\t',
  '\n',
  '\r\n',
  '<password "',
  '<pwd "/',
  'pwd= ',
  ', ',
  '; ',
  ' <',
]
const LENGTHS = [64, 255, 256, 1024, 4096, 16_384, 65_536]
const unit = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...UNITS) }, fc.string({ minLength: 1, maxLength: 4 }))
const edge = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(...'Z ! \0 " < > @ ; = <password> {"password":" SHA1('.split(' '), 'Basic ', 'SHA256 ('),
)
/** A row of one unit of at most so many characters, between two edges: what is linear takes it in its stride. */
export const row = (limit = 65_536): fc.Arbitrary<string> =>
  fc
    .tuple(edge, unit, edge, fc.constantFrom(...LENGTHS))
    .map(([before, one, after, length]) => `${before}${one.repeat(Math.min(length, limit) / one.length)}${after}`)

const WORDS = [
  ...'__proto__ constructor prototype toString hasOwnProperty valueOf then length toJSON null undefined NaN true'.split(
    ' ',
  ),
  ...'../../etc/passwd a/b a\\b . .. ... % %00 %2F %E0%A4%A ?a=b #a ACTIVE PUSH PULL NONE DONE SHA1 create_spec'.split(
    ' ',
  ),
  ...'name type id user password ovf iso a.ovf a.mf a.cert a.ova a.iso'.split(' '),
  "' OR '1'='1",
  "'; DROP TABLE item; --",
  '<script>alert(1)</script>',
  '\0',
  'a\0b',
  'a\r\nb: c',
  '\u001b[2J',
  '\u202e\u2066',
  '\ufeff',
  '\uffff',
  '\ud800',
  'a\udc00b',
  'e\u0301'.repeat(40),
  '🙂👨‍👩‍👧‍👦',
  'İıßſ',
  '१२३',
  '',
]
export const word = fc.constantFrom(...WORDS)
/** Any text at all, most of them short. */
export const oddText = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 2, arbitrary: anId },
  row(),
  fc.constantFrom(79, 80, 81, 255, 256, 257, 2000, 2001, 10_001, 100_000).map((n) => 'x'.repeat(n)),
)

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** JSON.parse makes a property of `__proto__`, where a literal would set a prototype. */
const object = (entries: [string, Json][]): Json =>
  JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`) as Json

const nested = (levels: number, isList: boolean): Json => {
  let value: Json = 0
  for (let level = 0; level < levels; level++) value = isList ? [value] : { a: value }
  return value
}
const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(null, true, false, 0, -1, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300, 5e-324, [], {}),
  oddText,
)
/** What a field should not be. */
export const odd: fc.Arbitrary<Json> = fc.oneof(
  { weight: 12, arbitrary: scalar },
  { weight: 3, arbitrary: fc.array(scalar, { maxLength: 4 }) },
  { weight: 3, arbitrary: fc.array(fc.tuple(fc.oneof(word, oddText), scalar), { maxLength: 4 }).map(object) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(10, 62, 63, 64, 65, 100, 1000), fc.boolean()).map((args) => nested(...args)),
  },
  // More of one thing than any list or body may have.
  fc
    .tuple(
      fc.constantFrom(99, 100, 101, 1001, 2000, 9998, 10_001, 65_000),
      fc.constantFrom<Json[]>(0, null, 'x', {}, { type: 1 }),
    )
    .map(([count, value]) => Array.from({ length: count }, () => value)),
  fc
    .tuple(fc.constantFrom(11, 101, 1001, 9999, 20_000), fc.constantFrom('k', '', '中'.repeat(20)))
    .map(([count, name]) => object(Array.from({ length: count }, (_, index) => [`${name}${index}`, 0]))),
)

/** A text that could stand for these, or nearly. */
const textLike = (usual: fc.Arbitrary<string>, limit: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: usual },
    { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
    { weight: 2, arbitrary: word },
    fc.constant('x'.repeat(Math.min(limit, 20_000))),
    row(limit),
  )
const URIS = [
  ...'http://127.0.0.1:1/a http://[::1]/a.iso http://u:p@host/a https:\\\\u:p@host/a ds:///vmfs/volumes/a'.split(' '),
  ...'file:///etc/passwd ftp://a/b http:// http://0x7f.1/ http://a.localhost/ data:,a a'.split(' '),
]
const date = fc.oneof(
  fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }).map((moment) => moment.toISOString()),
  fc.constantFrom('9998-12-31T23:59:59Z', '1970-01-01T00:00:00+14:00', '0000-01-01T00:00:00Z', '2024-02-30T00:00:00Z'),
)
const KEYS = ['a', 'accept', 'user-agent', 'authorization', 'update_session_id', '__proto__']

/** Values that the schema takes, or nearly. `name` is that of the field. */
export function valueOf(schema: z.core.$ZodType, named: Named = {}, name = '', depth = 0): fc.Arbitrary<unknown> {
  const inner = (part: z.core.$ZodType, field = name) => valueOf(part, named, field, depth + 1)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return depth > 5
      ? fc.constant(undefined)
      : fc.option(inner(schema.def.innerType), { nil: undefined, freq: depth > 1 ? 2 : 4 })
  if (schema instanceof z.ZodPipe) return inner(schema.in)
  if (schema instanceof z.ZodString)
    return z.globalRegistry.get(schema)?.['format'] === 'uri'
      ? fc.constantFrom(...URIS)
      : textLike(named[name] ?? NAMED[name] ?? anId, schema.maxLength ?? 100_000)
  if (schema instanceof z.ZodStringFormat) return date
  if (schema instanceof z.ZodNumber) {
    const [min, max] = [Math.max(schema.minValue ?? 0, 0), Math.min(schema.maxValue ?? 100, 1000)]
    return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min - 1, max + 1, 2 ** 31, Number.MAX_SAFE_INTEGER))
  }
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodArray) return fc.array(inner(schema.element), { maxLength: 3 })
  if (schema instanceof z.ZodRecord)
    return fc
      .array(
        fc.tuple(
          fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom(...KEYS)),
          inner(schema.valueType) as fc.Arbitrary<Json>,
        ),
        { maxLength: 3 },
      )
      .map((entries) => Object.fromEntries(entries))
  if (schema instanceof z.ZodObject)
    return fc
      .record(Object.fromEntries(Object.entries(schema.shape).map(([field, part]) => [field, inner(part, field)])))
      .map(present)
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((part) => inner(part)))
  return odd
}
const present = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

type Change = { at: number; way: 'replace' | 'remove' | 'add' | 'wrap' | 'repeat' | 'rename'; to: Json; name: string }
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  way: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'add', 'wrap', 'repeat', 'rename'),
  to: odd,
  name: fc.oneof(word, oddText),
})

/** The value with one or two of its parts made wrong. */
export const wrong = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Json> =>
  fc
    .tuple(value, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([whole, changes]) => changes.reduce(apply, (whole ?? null) as Json))

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const partsOf = (value: Json): Json[] => (typeof value === 'object' && value !== null ? Object.values(value) : [])
const sizeOf = (value: Json): number => partsOf(value).reduce<number>((sum, part) => sum + sizeOf(part), 1)

/** Changes one of the parts, which are counted in the order in which they are written. */
function apply(value: Json, change: Change): Json {
  let left = change.at % sizeOf(value)
  const walk = (part: Json): Json => {
    left -= 1
    if (left === -1) return changed(part, change)
    if (Array.isArray(part)) return part.map(walk)
    return isObject(part) ? object(Object.entries(part).map(([key, each]) => [key, walk(each)])) : part
  }
  return walk(value)
}

function changed(value: Json, { way, to, name }: Change): Json {
  switch (way) {
    case 'replace':
      return to
    case 'remove':
      return isObject(value) ? object(Object.entries(value).slice(1)) : null
    case 'add':
      return isObject(value) ? object([...Object.entries(value), [name, to]]) : [value, to]
    case 'wrap':
      return name.length % 2 ? [value] : object([[name, value]])
    case 'repeat':
      return Array.from({ length: 1 + (name.length % 120) }, () => value)
    case 'rename':
      return isObject(value)
        ? object(Object.entries(value).map(([key, part], index): [string, Json] => [index ? key : name, part]))
        : to
  }
}

type Way = (whole: string, at: number, more: string) => string
const within: Way = (whole, at, more) => whole.slice(0, at) + more + whole.slice(at)
const WAYS: Way[] = [
  (whole, at) => whole.slice(0, at),
  (whole) => whole + whole,
  (whole, _, more) => more + whole,
  (whole, _, more) => whole + more,
  within,
  within,
  (whole, at) => whole.slice(0, at) + whole.slice(at + 1),
]
/** Text cut, doubled, or with something in it that does not belong there. */
export const malformed = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.nat(), fc.constantFrom(...WAYS), fc.oneof(oddText, row()))
    .map(([whole, number, way, more]) => way(whole, number % (whole.length + 1), more))
