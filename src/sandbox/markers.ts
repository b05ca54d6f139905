// The list of sandboxes: for each an empty object of the bucket, its marker. The key of a marker says when its sandbox was
// created and what it is named, so that a listing reads no object, and no request waits for an object that all write to.
//
// A marker is planned in the transaction that creates the sandbox, and written by the alarm: at once, and again for as long as
// storage does not say that it was written. A kill between the two repeats the write, under the same key. The key stays in
// storage when the sandbox is removed, until the marker is deleted. A sandbox that is created meanwhile under the same name
// has a key of its own, so that no late deletion of the earlier marker meets the new one. It deletes the earlier marker too.
import type { Parts } from '../content/parts.ts'
import { decodeBase64Url, encodeBase64Url } from '../rules/base64url.ts'
import { exists, MARKER } from './tables/schema.ts'

export type Listed = { name: string; createdAt: number }
/** What a sandbox knows of its marker. `dueAt` says when it is to be written, in real time; it is absent once that is done. */
type Marker = { key: string; dueAt?: number; earlierKeys: string[] }

/** All keys of markers begin with this. Those of content begin with the id of a sandbox, which is hexadecimal. */
const PREFIX = 'sandboxes/'
/** Creation times are subtracted from this, so that the newest marker is the first of a listing. */
const LAST_MS = 9_999_999_999_999
const TIME_CHARS = 13
/**
 * A name of 255 bytes has 340 characters in base64url. The names of files have at most 255. On a disk each segment but the last
 * is a folder, which a listing looks into and which stays when its marker goes: so all but long names have one segment.
 */
const SEGMENT_CHARS = 200
/** Ends a key, so that none is the beginning of another. */
const END = '~'
/** Beyond this the oldest are not listed. A reset of all makes a call for each, and those of a request are limited. */
const LISTED_LIMIT = 9_000
/** A removal deletes them one by one. Beyond it, the oldest stays in the list. */
const EARLIER_LIMIT = 999
/** How long to leave the bucket alone after it took no marker. */
const RETRY_MS = 5_000

export function markerKey({ name, createdAt }: Listed): string {
  const text = String(LAST_MS - createdAt).padStart(TIME_CHARS, '0') + encodeBase64Url(name)
  const segments = Array.from({ length: Math.ceil(text.length / SEGMENT_CHARS) }, (_, at) =>
    text.slice(at * SEGMENT_CHARS, (at + 1) * SEGMENT_CHARS),
  )
  return `${PREFIX}${segments.join('/')}${END}`
}

export function readMarkerKey(key: string): Listed {
  const text = key.slice(PREFIX.length, -END.length).replaceAll('/', '')
  return { name: decodeBase64Url(text.slice(TIME_CHARS)), createdAt: LAST_MS - Number(text.slice(0, TIME_CHARS)) }
}

/** Newest first. */
export async function listSandboxes(parts: Parts, limit = LISTED_LIMIT): Promise<Listed[]> {
  const found: Listed[] = []
  for await (const keys of parts.list(PREFIX)) {
    found.push(...keys.map(readMarkerKey))
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}

export const markerIn = ({ kv }: DurableObjectStorage): Marker | undefined => kv.get<Marker>(MARKER)

/** For a sandbox that is created now. */
export function planMarker(storage: DurableObjectStorage, name: string, now: number): void {
  const earlier = markerIn(storage)
  const createdAt = Math.max(now, earlier ? readMarkerKey(earlier.key).createdAt + 1 : 0)
  const earlierKeys = earlier ? [...earlier.earlierKeys, earlier.key].slice(-EARLIER_LIMIT) : []
  storage.kv.put<Marker>(MARKER, { key: markerKey({ name, createdAt }), dueAt: now, earlierKeys })
}

/** Writes the marker where that is due, and deletes those of earlier sandboxes of the same name. */
export async function writeMarker(storage: DurableObjectStorage, parts: Parts): Promise<void> {
  const marker = markerIn(storage)
  const now = Date.now()
  if (!exists(storage) || marker?.dueAt === undefined || marker.dueAt > now) return
  const { key, earlierKeys } = marker
  let next: Marker = { key, earlierKeys: [] }
  try {
    await parts.put(key, new Uint8Array())
    for (const earlier of earlierKeys) await parts.deleteByPrefix(earlier)
  } catch (error) {
    console.error('R2 would not take the marker of a sandbox; trying again', error)
    next = { ...marker, dueAt: now + RETRY_MS }
  }
  // The sandbox may have been removed meanwhile, and another created.
  if (markerIn(storage)?.key === key) storage.kv.put(MARKER, next)
}

/** Deletes the markers of a sandbox that is removed. */
export async function deleteMarkers(storage: DurableObjectStorage, parts: Parts): Promise<void> {
  const marker = markerIn(storage)
  if (!marker) return
  for (const key of [marker.key, ...marker.earlierKeys]) await parts.deleteByPrefix(key)
  // A sandbox may have been created meanwhile. It knows of these.
  if (markerIn(storage)?.key === marker.key) storage.kv.delete(MARKER)
}

/** Deletes those of a sandbox that cannot tell of them, in whatever form they were written. */
export async function deleteMarkersOf(name: string, parts: Parts): Promise<void> {
  for await (const keys of parts.list(PREFIX))
    for (const key of keys) if (readMarkerKey(key).name === name) await parts.deleteByPrefix(key)
}
