// Where provider states are set up: a server, an API session with it, and what was made there, until it is removed.
import { clientOf, login, type Client, type Credentials, type Fetch } from '../client/client.ts'

export type Provider = {
  url: string
  credentials: Credentials
  /** The library to make items in; without it the first local one that there is. */
  libraryId?: string
  fetch?: Fetch
}
/** What a state has made, for its removal: plain data, since teardown may come as a request of its own. */
export type Made =
  | { what: 'API session'; token: string }
  | { what: 'library' | 'item'; id: string }
  | { what: 'libraries named'; name: string }
  | { what: 'items named'; name: string; libraryId: string }
  | ({ what: 'seeded session' } & Seeded)

/** What no client can do, and this mock can: it seeds sessions, under ids of the test's choice. */
export type Mock = {
  /** An ACTIVE session; one of the same id is gone before. Without a user it is in the sandbox of the stage. */
  seed: (seed: Seed) => Promise<Seeded>
  /** As if its time were over, with the item that was made for it. */
  remove: (seeded: Seeded) => Promise<unknown>
}
/** In the words of the admin API. */
type Seed = {
  user?: string
  id?: string | undefined
  library_item_id?: string | undefined
  files?: { name: string; status: 'TRANSFERRING'; size: number; bytes_transferred: number }[]
}
/** `itemId` is the item that was made for it. */
type Seeded = { user: string; sessionId: string; itemId?: string }

/** A provider with an API session open, and what must be removed when an interaction is over. */
export type Stage = Provider & { client: Client; made: Made[]; mock?: Mock }
export const open = async (provider: Provider): Promise<Stage> => ({
  ...provider,
  client: await login(provider.url, provider.credentials, provider.fetch),
  made: [],
})

/** What this mock alone can do; another server cannot be brought there. */
export function requireMock({ mock, url }: Stage): Mock {
  if (mock) return mock
  throw new Error(
    `This is out of reach at ${url}: only update-session-mock can be brought there, no client of a vCenter can.`,
  )
}

export async function seed(stage: Stage, spec: Seed): Promise<{ update_session_id: string }> {
  const seeded = await requireMock(stage).seed(spec)
  stage.made.push({ what: 'seeded session', ...seeded })
  return { update_session_id: seeded.sessionId }
}

/** Removes what the states made, the last first. What is gone already is as good as removed. */
export async function tearDown(stage: Stage): Promise<void> {
  for (const made of stage.made.splice(0).toReversed()) await remove(stage, made).catch(() => undefined)
}

async function remove(stage: Stage, made: Made): Promise<unknown> {
  const { client, url, fetch } = stage
  const { items, libraries } = client
  switch (made.what) {
    case 'API session':
      return clientOf(url, made.token, fetch).logout()
    case 'library':
      return libraries.delete(made.id)
    case 'libraries named':
      return onEach(libraries.find({ name: made.name }), libraries.delete)
    case 'item':
      return removeItem(client, made.id)
    case 'items named':
      return onEach(items.find({ library_id: made.libraryId, name: made.name }), items.delete)
    case 'seeded session':
      return requireMock(stage).remove(made)
  }
}

/** Its sessions go first, as a vCenter wants it. */
async function removeItem({ items, updateSessions }: Client, id: string): Promise<void> {
  await onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete)
  await items.delete(id)
}

/** One that cannot be removed does not keep the others. */
const onEach = async (ids: Promise<string[]>, run: (id: string) => Promise<unknown>) =>
  Promise.allSettled((await ids).map(run))
