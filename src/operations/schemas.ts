// Forms that the specification uses everywhere. What clients send is bounded: by the specification where it says how,
// else by limits of ours (docs/fidelity.md).
import * as z from 'zod'
import { once } from './once.ts'

/** In UTF-16 units, and well-formed: storage would keep another text than one with half of a surrogate pair. */
export const text = (limit: number) =>
  z
    .string()
    .refine((given) => given.length <= limit, {
      error: ({ input }) => tooMany('characters', countOf(input), limit),
      abort: true,
    })
    // Zod's own limit, which counts code points, is for what reads the schema.
    .max(limit)
    .refine((given) => given.isWellFormed(), 'it has half of a character')
export const listOf = <T extends z.ZodType>(element: T, limit: number = LIST_LIMIT) =>
  z.array(element).max(limit, { error: ({ input }) => tooMany('elements', countOf(input), limit) })
export const mapOf = <T extends z.ZodType>(value: T, limit: number = LIST_LIMIT) =>
  z
    .record(text(ID_LIMIT), value)
    .refine((given) => Object.keys(given).length <= limit, {
      error: ({ input }) => tooMany('entries', Object.keys(input as object).length, limit),
    })
    .meta({ maxProperties: limit })
const ID_LIMIT = 255
const LIST_LIMIT = 100
const countOf = (input: unknown) => (input as { length: number }).length // of a text or a list, by its schema
const tooMany = (what: string, count: number, limit: number) => `it has ${count} ${what}; at most ${limit} are allowed`

/** An id, a type, a version, a token, and what else is short. */
export const Id = text(ID_LIMIT)
export const Name = text(255)
/** The specification's limit for items; for libraries ours. */
export const Description = text(2000)
export const Uri = text(4096).meta({ format: 'uri' })
/** In PEM, or as text. */
export const Certificate = text(16_384)
export const Password = text(1024).meta({ format: 'password' })
/** What a client has to say about a failure. */
export const MessageText = text(10_000)

/** Fields of a union, and the tag that each belongs to: with another it is refused, as by the vendor's runtimes. */
export const union =
  (tag: string, owners: Record<string, string>, { areNeeded = false } = {}) =>
  ({ value, issues }: z.core.ParsePayload<object>): void => {
    const given = value as Record<string, unknown>
    for (const [field, owner] of Object.entries(owners)) {
      const input = given[field]
      const isOwned = given[tag] === owner
      const isWrong = input === undefined ? areNeeded && isOwned : given[tag] !== undefined && !isOwned
      if (isWrong) issues.push({ code: 'custom', path: [field], input, message: `it belongs to the ${tag} ${owner}` })
    }
  }
type Check = ReturnType<typeof union>

const named = <T extends z.ZodObject>(schema: T, id: string, checks: Check[]) => schema.check(...checks).meta({ id })
/** A schema of the specification, by its name there: it has these fields and no other. */
export const schemaNamed = <const F extends z.ZodRawShape>(name: string, fields: () => F, ...checks: Check[]) =>
  once(() => named(z.strictObject(fields()), name, checks))
/** The same with no field required: it serves create, get and patch, and what is needed when is each operation's to say. */
export const modelNamed = <const F extends z.ZodRawShape>(name: string, fields: () => F, ...checks: Check[]) =>
  once(() => named(z.strictObject(fields()).partial(), name, checks))

export const int64 = z.int().meta({ format: 'int64' })
/** The vendor's own runtime reads an offset, and clients send back what they read so. */
export const dateTime = z.iso.datetime({ offset: true, error: 'write it as 2026-10-05T09:30:00Z' }).max(64)
export const nothing = once(() => z.undefined())
export const ids = once(() => z.array(z.string()))
const NestedLocalizableMessage = once(() =>
  z
    .object({
      id: Id,
      get params() {
        return LocalizationParams().optional()
      },
    })
    .meta({ id: 'Vapi.Std.NestedLocalizableMessage' }),
)
const LocalizationParam = once(() =>
  z
    .object({
      s: MessageText.optional(),
      dt: dateTime.optional(),
      i: int64.optional(),
      d: z.number().meta({ format: 'double' }).optional(),
      get l() {
        return NestedLocalizableMessage().optional()
      },
      format: z
        .enum(
          ['SHORT', 'MED', 'LONG', 'FULL'].flatMap((length) =>
            ['DATE', 'TIME', 'DATE_TIME'].map((what) => `${length}_${what}`),
          ),
        )
        .optional(),
      precision: int64.optional(),
    })
    .meta({ id: 'Vapi.Std.LocalizationParam' }),
)
const LocalizationParams = once(() => mapOf(LocalizationParam()))
export const LocalizableMessage = once(() =>
  z
    .object({
      id: Id,
      default_message: MessageText,
      args: listOf(MessageText),
      params: LocalizationParams().optional(),
      localized: MessageText.optional(),
    })
    .meta({ id: 'Vapi.Std.LocalizableMessage' }),
)

export const StorageBacking = modelNamed(
  'Content.Library.StorageBacking',
  () => ({ type: z.enum(['DATASTORE', 'OTHER']), datastore_id: Id, storage_uri: Uri }),
  union('type', { datastore_id: 'DATASTORE', storage_uri: 'OTHER' }),
)
