// Whatever is sent, fetched and given up, in whatever order and through whichever binding: files, item and bucket are as
// a small model says.
import * as fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { bindings } from '../support/api.ts'
import { isHeldRight, LARGE, storedBy } from '../support/bytes.ts'
import { ITEM, Refusal, unknownId, type Client, type UpdateFile } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { openGate, uriOf } from '../support/pulls.ts'
import { advanceClock, evict, rowsOf } from '../support/sandbox.ts'
import { IDLE_MS, PULLED, SENT, TransferModel, type File } from '../support/transfer-model.ts'

const RUNS = 4 * inject('rounds')
const WRONG = 3

const name = fc.constantFrom('a.iso', 'a.iso', 'b.iso')
const sizeOf = (right: number) => fc.constantFrom(undefined, undefined, undefined, right, right, right, WRONG)
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ op: fc.constant('create' as const) }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('push' as const), name, size: sizeOf(SENT) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('pull' as const), name, size: sizeOf(PULLED) }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('send' as const), name, text: fc.constantFrom('ab', LARGE) }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('beginUpload' as const), name }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('endUpload' as const), which: fc.nat({ max: 1 }) }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('breakUpload' as const), which: fc.nat({ max: 1 }) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('openSource' as const, 'remove' as const), name }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('complete' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('cancel' as const, 'fail' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('pass' as const, 'evict' as const) }) },
)
/** Asked of a session that has ended, seldom; of a new one otherwise. */
const late = fc.constantFrom(true, false, false, false)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** A sandbox beside its model. `added` is what each name stands for now: in the model, and in the API's answer. */
class Pair {
  readonly model = new TransferModel()
  readonly client: Client
  #id = unknownId()
  readonly #added = new Map<string, { file: File; answer?: UpdateFile; uri?: string }>()
  readonly #uploads: { file: File; upload: object; end: () => Promise<unknown>; breakOff: () => Promise<unknown> }[] =
    []

  constructor(client: Client) {
    this.client = client
  }

  async take(given: Step): Promise<void> {
    const { client, model } = this
    const files = filesOf(client, this.#id)
    switch (given.op) {
      case 'create': {
        const create = async () => void (this.#id = await client.create({ library_item_id: ITEM }))
        return agree(create(), model.create())
      }
      case 'push': {
        const file = aFile(given, 'PUSH', 'WAITING_FOR_TRANSFER')
        const push = async () =>
          this.#added.set(given.name, { file, answer: await files.push(given.name, sized(given)) })
        return agree(push(), model.add(file))
      }
      case 'pull': {
        const file = aFile(given, 'PULL', 'TRANSFERRING') // soon
        const uri = uriOf('/gate')
        const pull = async () => {
          await files.pull(given.name, uri, sized(given))
          this.#added.set(given.name, { file, uri })
        }
        return agree(pull(), model.add(file))
      }
      case 'send': // at once what usually takes three steps, so that more sessions come to a good end
        await this.take({ op: 'push', name: given.name, size: undefined })
        return this.#send(given.name, given.text)
      case 'beginUpload':
        return this.#beginUpload(given.name)
      case 'endUpload':
        return this.#endUpload(given.which)
      case 'breakUpload':
        return this.#breakUpload(given.which)
      case 'openSource': {
        const { file, uri } = this.#added.get(given.name) ?? {}
        if (!file || uri === undefined) return
        await openGate(uri)
        return model.openSource(file)
      }
      case 'remove':
        return agree(files.remove(given.name), model.remove(given.name))
      case 'complete':
        return agree(client.complete(this.#id), model.complete())
      case 'cancel':
        return agree(client.cancel(this.#id), model.end('CANCELED'))
      case 'fail':
        return agree(client.fail(this.#id, 'enough'), model.end('ERROR'))
      case 'pass':
        await advanceClock(client.user, IDLE_MS)
        return model.pass()
      case 'evict':
        // A transfer that is under way waits in its sandbox, which stays in memory for it.
        return model.isTransferring ? undefined : evict(client.user)
    }
  }

  async #send(to: string, text: string): Promise<void> {
    const { file, answer } = this.#added.get(to) ?? {}
    if (!file || !answer) return
    const begun = {}
    const refusal = this.model.beginUpload(file, begun) ?? this.model.endUpload(file, begun, text.length)
    await agree(upload(answer, text), refusal)
  }

  async #beginUpload(to: string): Promise<void> {
    const { file, answer } = this.#added.get(to) ?? {}
    if (!file || !answer) return
    const before = await this.#contentKeys()
    // As a connection, it breaks when it is aborted: a body of no known length would end.
    const { readable, writable } = new FixedLengthStream(SENT)
    const writer = writable.getWriter()
    const write = (text: string) => writer.write(new TextEncoder().encode(text))
    const sent = upload(answer, readable)
    sent.catch(() => undefined) // it is asked for when it is ended
    write('a').catch(() => undefined) // where it is not read
    const end = async () => {
      write('b').catch(() => undefined)
      writer.close().catch(() => undefined)
      return sent
    }
    const breakOff = () => writer.abort(new Error('broken'))
    const begun = {}
    const refusal = this.model.beginUpload(file, begun)
    if (refusal === undefined) {
      this.#uploads.push({ file, upload: begun, end, breakOff })
      // Its transfer begins when its end does not come at once. That of an earlier upload looks the same to clients.
      await expect.poll(() => this.#contentKeys()).not.toEqual(before)
    } else await agree(sent, refusal)
  }

  #contentKeys = async () => (await rowsOf(this.client.user, 'update_file')).map(({ content_key }) => content_key)

  async #endUpload(which: number): Promise<void> {
    const [ended] = this.#uploads.splice(which, 1)
    if (ended) await agree(ended.end(), this.model.endUpload(ended.file, ended.upload))
  }

  async #breakUpload(which: number): Promise<void> {
    const [broken] = this.#uploads.splice(which, 1)
    if (!broken) return
    await broken.breakOff().catch(() => undefined) // where it is not read any more
    this.model.breakUpload(broken.file, broken.upload)
  }

  /** Nothing is under way any more. */
  async settle(): Promise<void> {
    while (this.#uploads.length > 0) await this.#endUpload(0)
    if (this.model.isOpen) await this.take({ op: 'cancel' })
  }

  /** Soon, since pulls, progress and purges come after the answer. */
  async agrees(): Promise<void> {
    const { client, model } = this
    await expect
      .poll(async () => ({
        state: await or(client.get(this.#id), ({ state }) => state),
        files: await or(client.files.list(this.#id), (files) => files.map(shown)),
        item: (await client.itemFiles.list(ITEM)).map(({ name, size, version }) => ({ name, size, version })),
        contentVersion: (await client.items.get(ITEM)).content_version,
        stored: (await storedBy(client)).length,
        isHeldRight: await isHeldRight(client),
      }))
      .toEqual({
        state: model.state === 'none' ? 'NOT_FOUND' : model.state.replace('COMPLETING', 'ACTIVE'),
        files: model.state === 'none' ? 'NOT_FOUND' : [...model.files.values()].map(told),
        item: [...model.item].map(([name, { size, version }]) => ({ name, size, version: `${version}` })),
        contentVersion: `${model.contentVersion}`,
        stored: model.stored,
        isHeldRight: true,
      })
  }
}

const aFile = (
  given: { name: string; size: number | undefined },
  source: 'PUSH' | 'PULL',
  status: File['status'],
): File => ({ name: given.name, source, status, bytes: 0, ...sized(given) })
const sized = ({ size }: { size: number | undefined }) => (size === undefined ? {} : { size })
const shown = ({ name, source_type, status, bytes_transferred }: UpdateFile) =>
  [name, source_type, status, bytes_transferred].join(' ')
const told = ({ name, source, status, bytes }: File) => [name, source, status, bytes].join(' ')

/** What was answered, or the type of the refusal. */
const or = async <T, U>(asked: Promise<T>, view: (answer: T) => U): Promise<U | string> =>
  asked.then(view, (error: unknown) => String(error instanceof Refusal ? error.errorType : error))
const agree = async (asked: Promise<unknown>, expected: string | undefined): Promise<void> =>
  expect(await or(asked, () => undefined)).toBe(expected)

it('agrees with its model, whatever is sent and fetched', async () => {
  const steps = fc.array(fc.record({ each: step, late }), { minLength: 20, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...bindings), steps, async ({ connect }, given) => {
      const pair = new Pair(await connect())
      for (const { each, late: isLate } of given) {
        if (!isLate && !pair.model.isOpen) await pair.take({ op: 'create' })
        await pair.take(each)
        await pair.agrees()
      }
      await pair.settle()
      await pair.agrees()
    }),
    { numRuns: RUNS, endOnFailure: true, unbiased: true },
  )
}, 240_000)
