// Who watches a sandbox: those who have gone make room, those who are too slow are let go.
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Feed } from '../../src/sandbox/feed.ts'

const WATCHERS = 20
const BEAT_MS = 15_000
const GATHER_MS = 250

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
})

/** A watcher, and what it is told from now on. */
function watch(feed: Feed) {
  const stream = feed.watch()
  if (!stream) throw new Error('there was no room')
  const reader = stream.getReader()
  const next = async () => {
    const { value } = await reader.read()
    return new TextDecoder().decode(value).trim()
  }
  return { next, leave: () => reader.cancel() }
}

const BEAT = '{"type":"beat"}'
const CHANGE = '{"type":"change"}'

describe('a feed', () => {
  it('has room again when a watcher has gone without a word', async () => {
    const feed = new Feed()
    const [first] = Array.from({ length: WATCHERS }, () => watch(feed))
    // All that it was told, so that nothing waits to be written to it.
    for (let told = 0; told < WATCHERS; told += 1) await first?.next()
    await first?.leave()

    // The one who asks next finds who has gone.
    expect(feed.watch()).toBeUndefined()

    await vi.waitFor(() => expect(feed.watch()).toBeDefined())
  })

  it('lets a watcher go who reads too slowly, and keeps the others', async () => {
    const feed = new Feed()
    const [slow, quick] = [watch(feed), watch(feed)]
    const text = 'x'.repeat(300_000)
    await quick.next()
    for (let told = 0; told < 6; told += 1) {
      feed.tell(() => ({ text }))
      for (let read = 0; read < text.length;) read += (await quick.next()).length
    }

    await expect(slow.next()).rejects.toBeDefined()
    feed.tell(() => ({ type: 'change' }))
    expect(await quick.next()).toBe(CHANGE)
  })

  it('beats while it has watchers, and has no timer when all have gone', async () => {
    const feed = new Feed()
    const watcher = watch(feed)
    expect(await watcher.next()).toBe(BEAT)

    vi.advanceTimersByTime(BEAT_MS)
    expect(await watcher.next()).toBe(BEAT)
    await watcher.leave()
    vi.advanceTimersByTime(BEAT_MS)

    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0))
  })

  it('tells once of changes that come together, and again of those that come later', async () => {
    const feed = new Feed()
    const watcher = watch(feed)
    await watcher.next()
    for (let round = 0; round < 2; round += 1) {
      for (let each = 0; each < 3; each += 1) feed.changed()
      vi.advanceTimersByTime(GATHER_MS)
      feed.tell(() => ({ type: 'mark', round }))

      expect(await watcher.next()).toBe(CHANGE)
      expect(await watcher.next()).toBe(JSON.stringify({ type: 'mark', round }))
    }
  })
})
