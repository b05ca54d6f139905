// The ways of bytes and of a sandbox, each as its client goes it: what is done before points count, and what then passes them.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { add, agree, begin, download, end, enter, fileOf, NAME, push, sessionOf, soon, startPush } from './claims.ts'
import type { Claim, World } from './claims.ts'
import { LARGE_BYTES, MEDIUM_BYTES, SMALL_BYTES, textOf, type Source, type Upload } from './source.ts'

type Act = () => Promise<void>
/** Prepares, and answers what is to be done under the chosen point. It is over when nothing is under way. */
export type Scenario = { name: string; prepare: (world: World, source: Source) => Promise<Act> }

/** Of a session with an announced PUSH of this size. */
const withFile =
  (sizeBytes: number, act: (world: World, claim: Claim) => Act | Promise<Act>): Scenario['prepare'] =>
  async (world) => {
    const claim = await begin(world)
    await add(world, claim, sizeBytes)
    return act(world, claim)
  }

/** Of a push that has stopped in the middle. */
const withUpload = (
  sizeBytes: number,
  act: (world: World, claim: Claim, upload: Upload) => Promise<void>,
  isChunked = false,
) =>
  withFile(sizeBytes, async (world, claim) => {
    const upload = startPush(claim, { isChunked, isStuck: true })
    await isTransferring(world)
    return () => act(world, claim, upload)
  })

/** Of a sandbox whose item has a file. */
const withContent =
  (act: (world: World, claim: Claim) => Promise<void>, sizeBytes = SMALL_BYTES): Scenario['prepare'] =>
  async (world) => {
    const claim = await publish(world, sizeBytes)
    return () => act(world, claim)
  }

const pushWhole = (sizeBytes: number, isChunked = false) =>
  withFile(sizeBytes, (world, claim) => async () => {
    await push(claim, { isChunked })
    await end(world, claim, 'DONE')
    await download(world, claim)
  })

const cancelUpload = async (world: World, claim: Claim, upload: Upload) => {
  await end(world, claim, 'CANCELED')
  ok((await upload.status) >= 400)
  await holdsFiles(world, 0)
}

const cancelPull =
  (way: 'stuck' | 'silent', waitMs: number): Scenario['prepare'] =>
  async (world, { url }) => {
    const claim = await begin(world)
    await add(world, claim, MEDIUM_BYTES, { uri: `${url}/${way}/${MEDIUM_BYTES}`, fails: true })
    if (way === 'stuck') await isTransferring(world)
    else await soon(async () => equal((await fileOf(world, claim))?.status, 'TRANSFERRING'))
    return async () => {
      await pause(waitMs)
      await end(world, claim, 'CANCELED')
      await holdsFiles(world, 0)
    }
  }

const seedOne =
  (fails: boolean, state: 'DONE' | 'DELETED', files: number): Scenario['prepare'] =>
  async (world) => {
    await enter(world)
    return async () => {
      Object.assign(await seed(world, fails), { state, isSeeding: false })
      await holdsFiles(world, files)
    }
  }

const removeThroughAdmin = async (world: World) => {
  world.removal = 'asked'
  await steer(world, 'DELETE', `/sandboxes/${world.user}`)
  world.removal = 'answered'
}

const ways: Record<string, Scenario['prepare']> = {
  'a login, a create and an add': async (world) => async () => add(world, await begin(world), SMALL_BYTES),
  'a push of known length': pushWhole(MEDIUM_BYTES),
  'a push of unknown length': pushWhole(LARGE_BYTES, true),
  'a push that breaks off': withUpload(MEDIUM_BYTES, async (world, claim, upload) => {
    upload.breakOff()
    await soon(async () => equal((await fileOf(world, claim))?.status, 'WAITING_FOR_TRANSFER'))
    await holdsFiles(world, 0)
  }),
  'a push that is refused': withFile(LARGE_BYTES, async (world, claim) => {
    await end(world, claim, 'CANCELED')
    return async () => equal(await startPush(claim).status, 404)
  }),
  'a pull': async (world, { url }) => {
    const claim = await begin(world)
    return async () => {
      await add(world, claim, MEDIUM_BYTES, { uri: `${url}/moved/${MEDIUM_BYTES}` })
      await end(world, claim, 'DONE')
      await soon(async () => equal((await sessionOf(world, claim)).state, 'DONE'))
    }
  },
  'pulls that fail': async (world, { url }) => {
    const claims = [await begin(world), await begin(world), await begin(world)] as const
    const [missing, looped, flaky] = claims
    return async () => {
      await add(world, missing, SMALL_BYTES, { uri: `${url}/missing/${SMALL_BYTES}`, fails: true })
      await add(world, looped, SMALL_BYTES, { uri: `${world.mock.url}/health`, fails: true })
      await add(world, flaky, SMALL_BYTES, { uri: `${url}/flaky/${SMALL_BYTES}/${world.user}` })
      await soon(async () => {
        const ends = await Promise.all(claims.map(async (claim) => (await fileOf(world, claim))?.status))
        deepEqual(ends, ['ERROR', 'ERROR', 'READY'])
      })
    }
  },
  'a cancel of a push of known length': withUpload(LARGE_BYTES, cancelUpload),
  'a cancel of a push of unknown length': withUpload(LARGE_BYTES, cancelUpload, true),
  'a cancel of a pull': cancelPull('stuck', 0),
  // It reports each second.
  'a cancel of a pull whose source is silent': cancelPull('silent', 1300),
  'a deletion of an item': withContent(async (world, claim) => {
    await end(world, claim, 'DELETED')
    await holdsFiles(world, 0)
  }, MEDIUM_BYTES),
  'a search for orphans': withContent(async (world) => {
    await world.mock.leaveOrphan(world.user)
    await holdsFiles(world, 1)
  }, MEDIUM_BYTES),
  'a removal of an idle sandbox': withContent(async (world) => {
    world.removal = 'asked'
    await world.mock.age(world.user)
    await holdsFiles(world, 0)
  }, MEDIUM_BYTES),
  'a removal through the admin API': withContent(async (world) => {
    await removeThroughAdmin(world)
    await holdsFiles(world, 0)
  }),
  'a removal while a push is under way': withUpload(LARGE_BYTES, async (world, _, upload) => {
    await removeThroughAdmin(world)
    ok((await upload.status) >= 400)
    await holdsFiles(world, 0)
  }),
  'a login while an idle sandbox is removed': withContent(async (world) => {
    // What was there may go or stay. What comes now must stay.
    Object.assign(world, { claims: [], client: undefined, earlierFiles: 1 })
    await world.mock.age(world.user)
    await publish(world)
  }),
  'a seeded session with content': seedOne(false, 'DONE', 1),
  // Known only when the content is there: a session whose files are not all there is not DONE.
  'a seeded session with content that is refused': seedOne(true, 'DELETED', 0),
  'what the admin API steers': async (world) => {
    await enter(world)
    world.isSeeded = true
    return async () => {
      await steer(world, 'POST', '/settings', { session_idle: '400s' })
      await steer(world, 'POST', '/faults', { operation: 'upload', delay: '1s', times: 1 })
      const files = [{ name: 'a', status: 'READY', content: 'a' }]
      const { id } = await steer(world, 'POST', '/sessions', { files })
      await steer(world, 'POST', `/sessions/${id}`, { state: 'ERROR' })
      await steer(world, 'DELETE', `/sessions/${id}`)
      // A password opens the sandbox, as a login does.
      const headers = { authorization: `Basic ${btoa(`${world.user}:secret`)}` }
      await (await fetch(`${world.mock.url}/cls/static/library/item/none`, { headers })).body?.cancel()
      await steer(world, 'POST', '/clock/advance', { by: '1s' })
      const state = { state: 'an update session with a file in transfer', params: { name: 'a' } }
      await steer(world, 'POST', '/pact/provider-states', { ...state, action: 'setup' })
      await steer(world, 'POST', '/pact/provider-states', { ...state, action: 'teardown' })
      await steer(world, 'POST', '/reset')
      world.client = undefined
      await holdsFiles(world, 0)
    }
  },
}

export const scenarios: Scenario[] = Object.entries(ways).map(([name, prepare]) => ({ name, prepare }))

const holdsFiles = (world: World, files: number) => soon(() => agree(world, files))

/** A session that is DONE, with its file. */
async function publish(world: World, sizeBytes = SMALL_BYTES) {
  const claim = await begin(world)
  await add(world, claim, sizeBytes)
  await push(claim)
  await end(world, claim, 'DONE')
  return claim
}

/** Asks the admin API for a session that is DONE, with its file; one that `fails` has a file more, which never arrives. */
async function seed(world: World, fails: boolean): Promise<Claim> {
  const ids = { id: randomUUID(), itemId: randomUUID() }
  const file = { sizeBytes: SMALL_BYTES, isPull: false, isAdded: true, isReceived: false, fails }
  const claim: Claim = { ...ids, state: 'ACTIVE', isSeeding: true, file }
  world.claims.push(claim)
  const content = { name: NAME, status: 'READY', content: textOf(SMALL_BYTES) }
  const answered = await ask(world, 'POST', '/sessions', {
    id: ids.id,
    library_item_id: ids.itemId,
    state: 'DONE',
    files: fails ? [content, { name: 'another', status: 'WAITING_FOR_TRANSFER' }] : [content],
  })
  equal(answered.status, fails ? 422 : 201, await answered.text())
  return claim
}

async function isTransferring(world: World): Promise<void> {
  const [claim] = world.claims
  ok(claim)
  await soon(async () => ok(((await fileOf(world, claim))?.bytes_transferred ?? 0) > 0))
}

/** The answer, of which only an id is read. */
async function steer(world: World, method: string, path: string, body?: object): Promise<{ id?: string }> {
  const answer = await ask(world, method, path, body)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return (text === '' ? {} : JSON.parse(text)) as { id?: string } // as the admin API answers
}

const ask = ({ mock, user }: World, method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${mock.url}/__admin${path}?sandbox=${user}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
