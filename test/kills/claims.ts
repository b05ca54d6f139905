// What clients were told, and whether it still holds: the claims that a kill must not break.
import { AssertionError, deepEqual, equal, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { clientOf, login, Refusal, type Client } from '../../src/client/client.ts'
import { LIBRARY } from '../support/client.ts'
import type { Mock } from './mock.ts'
import { digest, digestOf, upload, type Upload } from './source.ts'

export const NAME = 'disk.iso'
const PATIENCE_MS = 40_000
const LOOK_MS = 50
/** After so long without a sign of life, a transfer is given up by the mocks that are looked at. */
const LEASE_MS = 3000

/** What is asked of a mock whose bucket and tables are looked at. */
type Looked = Pick<Mock, 'url' | 'rows' | 'stored' | 'markers'> & Record<'age' | 'leaveOrphan', Told>
type Told = (sandbox: string) => Promise<unknown>

type Ending = 'DONE' | 'CANCELED' | 'DELETED'
type State = 'ACTIVE' | Ending
/** The one file of a session. `fails` says that its source can never be fetched. */
type ClaimedFile = { sizeBytes: number; isPull: boolean; isAdded: boolean; isReceived: boolean; fails: boolean }
/** An item and its update session, by what their client knows of them. */
export type Claim = {
  itemId: string
  /** Without it, the session was asked for and not answered. */
  id?: string
  state: State
  /** What was asked and not answered: it may have happened. DELETED is of the item, with the content that it had. */
  asked?: Ending
  /** The admin API is to put it there, and has not answered: it may be there, finished or not, or not at all. */
  isSeeding?: boolean
  file?: ClaimedFile
  uploadUri?: string
}
/** One client, in a sandbox of its own. */
export type World = {
  user: string
  mock: Looked
  client: Client | undefined
  claims: Claim[]
  isLeaving: boolean
  removal?: 'asked' | 'answered'
  /** The admin API has made sessions in it, whose files stay until it is reset. */
  isSeeded?: boolean
  /** So many files of an earlier client may be there. */
  earlierFiles: number
}

export const aWorld = (mock: Looked): World => ({
  user: `user-${randomUUID()}`,
  mock,
  client: undefined,
  claims: [],
  isLeaving: false,
  earlierFiles: 0,
})

export const enter = async (world: World): Promise<Client> =>
  (world.client ??= await login(world.mock.url, { user: world.user, password: 'secret' }))

/** Logs out. Until that is answered, the login may hold or not. */
export async function leave(world: World): Promise<void> {
  const client = await enter(world)
  world.isLeaving = true
  await client.logout()
  world.isLeaving = false
  world.client = undefined
}

/** A new item with an update session. */
export async function begin(world: World): Promise<Claim> {
  const client = await enter(world)
  const itemId = await client.items.create({ library_id: LIBRARY, name: randomUUID() })
  const claim: Claim = { itemId, state: 'ACTIVE' }
  world.claims.push(claim)
  claim.id = await client.updateSessions.create({ library_item_id: itemId })
  return claim
}

/** Announces its file, which is fetched from an address, or else sent by `push`. */
export async function add(world: World, claim: Claim, sizeBytes: number, pull?: { uri: string; fails?: boolean }) {
  const { updateSessionFiles } = await enter(world)
  const file = { sizeBytes, isPull: pull !== undefined, isAdded: false, isReceived: false, fails: pull?.fails === true }
  claim.file = file
  const source = pull
    ? ({ source_type: 'PULL', source_endpoint: { uri: pull.uri } } as const)
    : ({ source_type: 'PUSH' } as const)
  const { upload_endpoint } = await updateSessionFiles.add(idOf(claim), { name: NAME, ...source })
  file.isAdded = true
  claim.uploadUri = upload_endpoint?.uri ?? ''
}

export async function push(claim: Claim, as: { isChunked?: boolean } = {}): Promise<void> {
  equal(await startPush(claim, as).status, 200, 'the upload is answered with 200')
  if (claim.file) claim.file.isReceived = true
}

export const startPush = (
  { file, uploadUri = '' }: Claim,
  as: { isChunked?: boolean; isStuck?: boolean } = {},
): Upload => upload(uploadUri, file?.sizeBytes ?? 0, as)

/** Ends the session, or deletes the item. */
export async function end(world: World, claim: Claim, how: Ending): Promise<void> {
  const { updateSessions, items } = await enter(world)
  claim.asked = how
  if (how === 'DONE') await updateSessions.complete(idOf(claim))
  if (how === 'CANCELED') await updateSessions.cancel(idOf(claim))
  if (how === 'DELETED') await items.delete(claim.itemId)
  claim.state = how
}

export const sessionOf = async (world: World, claim: Claim) => (await enter(world)).updateSessions.get(idOf(claim))
/** The file of its session, if there is one. */
export const fileOf = async (world: World, claim: Claim) =>
  (await (await enter(world)).updateSessionFiles.list(idOf(claim)))[0]

function idOf({ id }: Claim): string {
  ok(id !== undefined, 'the session was made')
  return id
}

/** Looks until nothing is refuted; in the end fails as the last look did. */
export async function soon<T>(look: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const until = performance.now() + patienceMs
  for (;;)
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof AssertionError) || performance.now() > until) throw error
      await setTimeout(LOOK_MS)
    }
}

/**
 * Holds what the client was told against the mock, which may be a later one than that which told it. Each session is then
 * brought to its end, each file downloaded, and bucket and tables must hold these files and nothing else. Answers how many.
 */
export async function verify(world: World, mock: Looked): Promise<number> {
  world.mock = mock
  let files = 0
  if (world.removal) return verifyRemoval(world)
  if (world.isSeeded) {
    equal((await fetch(`${mock.url}/__admin/reset?sandbox=${world.user}`, { method: 'POST' })).status, 200)
    world.client = undefined
  }
  if (world.isLeaving) world.client = undefined
  if (world.client) {
    world.client = clientOf(mock.url, world.client.token)
    equal((await world.client.whoAmI()).user, world.user, 'the login holds')
  } else if (world.claims.length === 0) await mock.age(world.user)
  for (const claim of world.claims) {
    if ((await settle(world, claim)) !== 'DONE' || !claim.file) continue
    equal(await download(world, claim), digestOf(claim.file.sizeBytes), 'the file of a session that is DONE is there')
    files += 1
  }
  await soon(() => agree(world, files))
  return files
}

/** Bucket and tables know the same, and hold so many files; the list has the sandbox once, or not where it is removed. */
export async function agree({ user, mock, earlierFiles }: World, files: number): Promise<void> {
  const [{ content, inRows, published, markers, isHeldRight }, stored, listed] = await Promise.all([
    mock.rows(user),
    mock.stored(user),
    mock.markers(user),
  ])
  deepEqual(listed, markers, 'the list has the sandbox once, or not where it is removed')
  const inParts = content.filter((key) => !inRows.includes(key))
  deepEqual(stored.toSorted(), inParts.toSorted(), 'the bucket holds what the tables know')
  deepEqual(content.toSorted(), published.toSorted(), 'the tables know what files have')
  ok(isHeldRight, 'the total of bytes that is kept is that of all files')
  ok(published.length >= files && published.length <= files + earlierFiles, 'each file is of a session that is DONE')
}

/** Until a sandbox is gone, all of it is there. */
async function verifyRemoval(world: World): Promise<number> {
  const { user, mock, claims, client } = world
  ok(client)
  world.client = clientOf(mock.url, client.token)
  await soon(async () => {
    for (const claim of claims.filter(({ state }) => state === 'DONE')) {
      const found = await download(world, claim)
      if (found === digestOf(claim.file?.sizeBytes ?? 0)) continue
      if (found !== '401') throw new Error(`A sandbox that is not removed has lost a file: ${found}`)
    }
    const isThere = await loggedIn(world)
    if (isThere && world.removal === 'answered') throw new Error('A sandbox is there after its removal was answered.')
    if (isThere) await mock.age(user)
    equal(isThere, false, 'the sandbox is removed')
  })
  // Its alarm may be a minute away.
  await mock.age(user)
  await soon(() => agree(world, 0))
  world.client = undefined
  const { items } = await enter(world)
  for (const { itemId } of claims) equal(await statusOf(items.get(itemId)), 404, 'its items are gone')
  return 0
}

const loggedIn = async (world: World): Promise<boolean> => (await statusOf((await enter(world)).whoAmI())) === 200

async function statusOf(answer: Promise<unknown>): Promise<number> {
  try {
    await answer
    return 200
  } catch (error) {
    if (error instanceof Refusal) return error.status
    throw error
  }
}

/** The state of the session once nothing is under way in it. */
async function settle(world: World, claim: Claim): Promise<State | 'ERROR'> {
  const { items, updateSessions } = await enter(world)
  if ((await statusOf(items.get(claim.itemId))) === 404) return allowed(claim, 'DELETED')
  if (claim.id === undefined) return 'CANCELED'
  const file = await fileOf(world, claim)
  if (claim.file?.isPull) await soon(() => untilPulled(world, claim))
  const { state = 'ACTIVE' } = await updateSessions.get(claim.id)
  allowed(claim, state)
  if (state !== 'ACTIVE') return state
  if (claim.file?.isAdded) equal(file?.name, NAME, 'the file was added')
  if (!file || claim.file?.fails) {
    await end(world, claim, 'CANCELED')
    return 'CANCELED'
  }
  if (claim.file?.isReceived) equal(file.status, 'READY', 'what was received is there')
  if (!claim.file?.isPull && file.status !== 'READY') await pushAgain(world, claim)
  await end(world, claim, 'DONE')
  return 'DONE'
}

function allowed({ state, asked, file, isSeeding }: Claim, found: State | 'ERROR'): State | 'ERROR' {
  const seeding: State[] = isSeeding ? ['DELETED', 'DONE'] : []
  const states = [
    state,
    ...seeding,
    ...(asked ? [asked] : []),
    ...(file?.fails && state !== 'CANCELED' ? ['ERROR'] : []),
  ]
  if (states.includes(found)) return found
  throw new Error(`A session that may be ${states.join(' or ')} is ${found}.`)
}

/** A pull goes on by itself, to its end. */
async function untilPulled(world: World, claim: Claim): Promise<void> {
  const { state } = await sessionOf(world, claim)
  if (state !== 'ACTIVE') return
  const file = await fileOf(world, claim)
  equal(claim.state, 'ACTIVE', 'a completion comes to its end')
  if (!claim.file?.isAdded && !file) return
  equal(file?.status, claim.file?.fails ? 'ERROR' : 'READY', 'the pull comes to its end')
}

/** What its writer cannot finish waits for another. */
async function pushAgain(world: World, claim: Claim): Promise<void> {
  await soon(async () => equal((await fileOf(world, claim))?.status, 'WAITING_FOR_TRANSFER'))
  claim.uploadUri = (await fileOf(world, claim))?.upload_endpoint?.uri ?? ''
  const begunAt = performance.now()
  const status = await startPush(claim).status
  const tookMs = performance.now() - begunAt
  // A busy machine may be silent for as long as that.
  if (status === 404 && tookMs > LEASE_MS) return pushAgain(world, claim)
  equal(status, 200, `the upload is answered with 200 (after ${tookMs} ms)`)
  equal((await fileOf(world, claim))?.status, 'READY', 'what was received is there')
}

/** The digest of the item's file, or the status of the answer that has none. */
export async function download({ client, mock }: World, { itemId }: Claim): Promise<string> {
  const headers = { 'vmware-api-session-id': client?.token ?? '' }
  const answer = await fetch(`${mock.url}/cls/static/${LIBRARY}/${itemId}/${NAME}`, { headers })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  return answer.ok ? digest(bytes) : `${answer.status}`
}
