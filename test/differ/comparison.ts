// What differs between two answers, once ids, tokens, times and hosts stand for one another.

/** `brokenBy` is set where the connection ended before the answer did. */
export type Answer = { status: number; headers: [string, string][]; body: string; brokenBy?: string }
/** `part` is `status`, `header x`, or `body` with the path of a value in it. */
export type Difference = { part: string; before: string; after: string }

/** How long either answer may have been on its way to a clock that does not stand still. */
const NOW_MS = 3_600_000
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
const TOKEN = /[\w-]+\.[0-9a-f]{64}/
const KEY = /\b[0-9a-f]{64}\b/
const IDS = new RegExp([TOKEN, KEY, UUID].map(({ source }) => source).join('|'), 'g')
const TIMES = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g
const HOSTS = /(?:127\.0\.0\.1|localhost):\d+/g
/** Numbers that tell how long something took, or when it was. */
const MOMENTS = /\.(?:durationMs|processTime|serveTime|totalTime|loggedDate|offset_seconds)$/

export class Comparison {
  /** An id of one server and the id of the other that stands for it have the same number. */
  readonly #numbers: [Map<string, number>, Map<string, number>] = [new Map(), new Map()]
  #last = 0

  compare(before: Answer, after: Answer): Difference[] {
    const [left, right] = [partsOf(before), partsOf(after)]
    const differences: Difference[] = []
    for (const part of new Set([...left.keys(), ...right.keys()])) {
      const [a, b] = [left.get(part), right.get(part)]
      if (a === b) continue
      if (a !== undefined && b !== undefined && MOMENTS.test(part) && typeof a === typeof b) continue
      const [x, y] = this.#plain(textOf(a), textOf(b))
      if (x !== y) differences.push({ part, before: x, after: y })
    }
    return differences
  }

  /** Both texts, with what is each server's own exchanged for what it stands for. */
  #plain(before: string, after: string): [string, string] {
    const [idsBefore, idsAfter] = [before.match(IDS) ?? [], after.match(IDS) ?? []]
    const [numbersBefore, numbersAfter] = this.#numbers
    idsBefore.forEach((id, at) => {
      const other = idsAfter[at]
      if (other === undefined || numbersBefore.has(id) || numbersAfter.has(other)) return
      this.#last += 1
      numbersBefore.set(id, this.#last)
      numbersAfter.set(other, this.#last)
    })
    const plain = (text: string, numbers: Map<string, number>) =>
      text
        .replaceAll(IDS, (id) => `<id ${numbers.get(id) ?? 'of none'}>`)
        .replaceAll(TIMES, (time) => (Math.abs(Date.parse(time) - Date.now()) < NOW_MS ? '<now>' : time))
        .replaceAll(HOSTS, '<host>')
    return [plain(before, numbersBefore), plain(after, numbersAfter)]
  }
}

type Leaf = string | number | boolean | null | undefined
const textOf = (leaf: Leaf) => (leaf === undefined ? '(not there)' : String(leaf))

function partsOf({ status, headers, body, brokenBy }: Answer): Map<string, Leaf> {
  const parts = new Map<string, Leaf>([['status', status]])
  if (brokenBy !== undefined) parts.set('broken by', brokenBy)
  for (const [name, value] of headers) {
    const key = `header ${name.toLowerCase()}`
    const before = parts.get(key)
    // The length tells how long the ids, times and hosts in the body are; whether it is right is told here.
    const isLength = key === 'header content-length' && Number(value) === Buffer.byteLength(body)
    parts.set(key, before === undefined ? (isLength ? '(that of the body)' : value) : `${textOf(before)}, ${value}`)
  }
  const json = body.startsWith('{') || body.startsWith('[') || body.startsWith('"') ? parsed(body) : undefined
  if (json === undefined) parts.set('body', body)
  else flatten('body', json, parts)
  return parts
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function flatten(path: string, value: unknown, parts: Map<string, Leaf>): void {
  if (typeof value !== 'object' || value === null) {
    parts.set(path, value as Leaf) // what JSON has besides objects and lists
    return
  }
  const entries = Object.entries(value)
  // The order of names is no part of JSON; that there is none is.
  if (entries.length === 0) parts.set(path, Array.isArray(value) ? '[]' : '{}')
  for (const [name, each] of entries) flatten(`${path}.${name}`, each, parts)
}
