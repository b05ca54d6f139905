// Small bugs where bytes live: who writes them, who holds them, and when they go. Each half of every condition in
// sandbox/tables/contents.ts, sandbox/transfers.ts, sandbox/housekeeping.ts, content/store.ts and content/pull.ts is here.
import type { Mutant } from './mutant.ts'

const RECEIVE = 'test/content/receive.test.ts'
const CONTENTS = 'test/sandbox/contents.test.ts'
const PULL = 'test/content/pull.test.ts'
const REPEATED = 'test/content/repeated-steps.test.ts'
const PURGE = 'test/content/purge.test.ts'
const OVF = 'test/content/ovf.test.ts'
const ALARM = 'test/sandbox/alarm.test.ts'
const TIME = 'test/sandbox/time.test.ts'
const PUSH = 'test/bindings/bytes/push.test.ts'

// Left out, since it changes no answer: that only descriptors and manifests are kept for reading (`isMetadata` in
// content/store.ts); of other files as much would be kept in memory, and not read.

export const mutants: Mutant[] = [
  // src/sandbox/tables/contents.ts, and who calls it
  {
    name: 'No lease is renewed while bytes arrive.',
    text: '  if (isWanted) tables.contents.renew(key, bytesTransferred)\n',
    becomes: '',
    tests: [CONTENTS],
  },
  {
    name: 'A report of progress counts bytes, but renews no lease.',
    text: "      'UPDATE content SET lease_until = ?, bytes = ? WHERE key = ?',\n      this.#now + this.#leaseMs,\n",
    becomes: "      'UPDATE content SET bytes = ? WHERE key = ?',\n",
    tests: [CONTENTS],
  },
  {
    name: 'The lease of a transfer that has ended stays.',
    text: "'UPDATE content SET lease_until = NULL WHERE key = ?'",
    becomes: "'UPDATE content SET lease_until = lease_until WHERE key = ?'",
    tests: [CONTENTS],
  },
  {
    name: 'Content is purged while a transfer writes it.',
    text: 'WHERE purge_at <= ? AND lease_until IS NULL LIMIT',
    becomes: 'WHERE purge_at <= ? LIMIT',
    tests: [CONTENTS],
  },
  {
    name: 'Content is purged that is not on the purge list.',
    text: 'WHERE purge_at <= ? AND lease_until IS NULL LIMIT',
    becomes: 'WHERE ?1 = ?1 AND lease_until IS NULL LIMIT',
    tests: [CONTENTS],
  },
  {
    name: 'Content is purged while a file holds it.',
    text: '      if (this.isHeld(key)) continue\n',
    becomes: '',
    tests: [CONTENTS],
  },
  {
    name: 'Only a file of a session holds content.',
    text: 'WHERE EXISTS (SELECT 1 FROM item_file WHERE content_key = ?1)\n                  OR EXISTS',
    becomes: 'WHERE EXISTS',
    tests: [CONTENTS],
  },
  {
    name: 'Only a file of an item holds content.',
    text: '\n                  OR EXISTS (SELECT 1 FROM update_file WHERE content_key = ?1)`',
    becomes: '`',
    tests: [CONTENTS],
  },
  {
    name: 'What the bucket would not delete is due at once.',
    text: 'this.#now + RETRY_MS, key',
    becomes: 'this.#now, key',
    tests: [CONTENTS],
  },
  // src/content/store.ts
  {
    name: 'A failed receive leaves what it began in the bucket.',
    text: '    return sink.abort(why).catch(() => undefined)\n',
    becomes: '    return Promise.resolve()\n',
    tests: [RECEIVE],
  },
  {
    name: 'A put is not aborted.',
    text: '      await Promise.allSettled([writer.abort(why), put])\n',
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer ends before its put has ended.',
    text: '[writer.abort(why), put]',
    becomes: '[writer.abort(why)]',
    tests: [RECEIVE],
  },
  {
    name: 'A multipart upload is not aborted.',
    text: 'abort: async () => (await upload).abort(),',
    becomes: 'abort: nothing,',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer that stops waits for the next byte.',
    text: '    body.leave(why)\n',
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer goes on that is not wanted any more.',
    text: "      return undo('stopped')\n",
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer that is not wanted any more counts as interrupted.',
    text: '      isStopped = true\n',
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A report that fails ends no transfer.',
    text: '    (error: unknown) => undo(whyOf(error)),\n',
    becomes: '    () => undefined,\n',
    tests: [RECEIVE],
  },
  {
    name: 'Storage that fails is not noticed before the next byte.',
    text: '  sink.stored.catch((error: unknown) => undo(whyOf(error)))\n',
    becomes: '  sink.stored.catch(() => undefined)\n',
    tests: [RECEIVE],
  },
  {
    name: 'A body that breaks off undoes nothing.',
    text: '    await undo(why)\n',
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'The last part of a body in parts is lost.',
    text: 'if (filled > 0 || parts.length === 0) await flush()',
    becomes: 'if (parts.length === 0) await flush()',
    tests: [RECEIVE],
  },
  {
    name: 'An empty body in parts is without a part.',
    text: 'if (filled > 0 || parts.length === 0) await flush()',
    becomes: 'if (filled > 0) await flush()',
    tests: [RECEIVE],
  },
  {
    name: 'A body of unknown length is put in one piece.',
    text: 'lengthBytes === undefined || lengthBytes > PIECE_LIMIT_BYTES',
    becomes: 'lengthBytes !== undefined && lengthBytes > PIECE_LIMIT_BYTES',
    tests: [RECEIVE],
  },
  {
    name: 'A body above the limit of one piece is put in one piece.',
    text: 'lengthBytes === undefined || lengthBytes > PIECE_LIMIT_BYTES',
    becomes: 'lengthBytes === undefined',
    tests: [RECEIVE],
  },
  {
    name: 'A body at the limit of one piece goes in parts.',
    text: 'lengthBytes > PIECE_LIMIT_BYTES',
    becomes: 'lengthBytes >= PIECE_LIMIT_BYTES',
    tests: [RECEIVE],
  },
  {
    name: 'A descriptor is read however large it is.',
    text: '      if (sizeBytes > METADATA_BYTES) metadata.length = 0\n      else if',
    becomes: '      if',
    tests: [OVF],
  },
  {
    name: 'No descriptor is read.',
    text: 'digests, ...(descriptor && { descriptor }) }',
    becomes: 'digests }',
    tests: [OVF],
  },
  {
    name: 'Bytes that are held are deleted when their transfer has ended.',
    text: "  if (fate !== 'not wanted') return\n",
    becomes: '',
    tests: [REPEATED],
  },
  {
    name: 'Bytes that are not wanted are not deleted when their transfer has ended.',
    text: "  if (fate !== 'not wanted') return\n",
    becomes: "  if (key !== '') return\n",
    tests: [REPEATED],
  },
  // src/content/pull.ts
  {
    name: 'A pull is stopped when exactly the announced bytes have come.',
    text: 'bytes <= announcedBytes && report(bytes)',
    becomes: 'bytes < announcedBytes && report(bytes)',
    tests: [PULL],
  },
  {
    name: 'A pull goes on beyond the announced bytes.',
    text: 'bytes <= announcedBytes && report(bytes)',
    becomes: 'report(bytes)',
    tests: [PULL],
  },
  {
    name: 'A pull reports no progress.',
    text: 'bytes <= announcedBytes && report(bytes)',
    becomes: 'bytes <= announcedBytes',
    tests: [PULL],
  },
  {
    name: 'A pull of more than announced is not judged.',
    text: 'if (sizeBytes > announcedBytes) return',
    becomes: 'if (sizeBytes === -1) return',
    tests: [PULL],
  },
  {
    name: 'Each look at a source counts as a sign of life.',
    text: 'if (bytes !== seenBytes) [seenBytes, seenAt]',
    becomes: '[seenBytes, seenAt]',
    tests: [RECEIVE],
  },
  {
    name: 'Each look at a source that has sent once counts as a sign of life.',
    text: '[seenBytes, seenAt] = [bytes, Date.now()]',
    becomes: 'seenAt = Date.now()',
    tests: [RECEIVE],
  },
  {
    name: 'The time of a source runs from its beginning, however much it sends.',
    text: '[seenBytes, seenAt] = [bytes, Date.now()]',
    becomes: 'seenBytes = bytes',
    tests: [RECEIVE],
  },
  {
    name: 'A source that sends nothing is waited for.',
    text: '    if (Date.now() - seenAt > stallMs) throw',
    becomes: '    if (stallMs < 0) throw',
    tests: [RECEIVE],
  },
  {
    name: 'A pull is not watched for silence.',
    text: 'untilStalled(untilTooMuch, stallMs)',
    becomes: 'untilTooMuch',
    tests: [PULL],
  },
  {
    name: 'A pull that can never succeed is tried again.',
    text: "result.type === 'failed for now' && attempt < ATTEMPTS_LIMIT",
    becomes: "result.type.startsWith('failed') && attempt < ATTEMPTS_LIMIT",
    tests: [PULL],
  },
  {
    name: 'A pull is tried again without a limit.',
    text: "result.type === 'failed for now' && attempt < ATTEMPTS_LIMIT",
    becomes: "result.type === 'failed for now'",
    tests: [PULL],
  },
  {
    name: 'The attempts of a pull are not counted.',
    text: '    storage.kv.put(ATTEMPT, attempt)\n',
    becomes: '',
    tests: [PULL],
  },
  {
    name: 'A pull that nobody waits for asks its source.',
    text: "    if (!(await report(0))) return { type: 'stopped' }\n",
    becomes: '',
    tests: [REPEATED],
  },
  {
    name: 'An error of the source is taken for the file.',
    text: 'if (!response.ok || !response.body) {',
    becomes: 'if (!response.body) {',
    tests: [PULL],
  },
  {
    name: 'An answer without a body is taken for the file.',
    text: 'if (!response.ok || !response.body) {',
    becomes: 'if (!response.ok) {',
    tests: [PULL],
  },
  {
    name: 'A source that is overloaded is not asked again.',
    text: '[408, 429].includes(response.status) || response.status >= 500',
    becomes: 'response.status >= 500',
    tests: [PULL],
  },
  {
    name: 'A source that took too long is not asked again.',
    text: '[408, 429]',
    becomes: '[429]',
    tests: [PULL],
  },
  {
    name: 'A source that failed is not asked again.',
    text: '[408, 429].includes(response.status) || response.status >= 500',
    becomes: '[408, 429].includes(response.status)',
    tests: [PULL],
  },
  {
    name: 'A success with an address is taken for a redirect.',
    text: 'response.status < 300 || response.status > 399 || location === null',
    becomes: 'response.status > 399 || location === null',
    tests: [PULL],
  },
  {
    name: 'A refusal with an address is taken for a redirect.',
    text: 'response.status < 300 || response.status > 399 || location === null',
    becomes: 'response.status < 300 || location === null',
    tests: [PULL],
  },
  {
    name: 'A redirect without an address is followed.',
    text: 'response.status < 300 || response.status > 399 || location === null',
    becomes: 'response.status < 300 || response.status > 399',
    tests: [PULL],
  },
  {
    name: 'A pull waits for a silent source though it is not wanted any more.',
    text: '    if (await report(0)) continue\n',
    becomes: '    if (report) continue\n',
    tests: [PULL],
  },
  // src/sandbox/transfers.ts
  {
    name: 'An expired session is asked for its files.',
    text: '  if (!session) return fail(uploadGone())\n  const file',
    becomes: '  const file',
    tests: [TIME],
  },
  {
    name: 'Only the default digest is computed.',
    text: "checksum?.algorithm ?? 'SHA1'",
    becomes: "checksum ? 'SHA1' : 'SHA1'",
    tests: [PUSH],
  },
  {
    name: 'Another digest than the default one is computed.',
    text: "checksum?.algorithm ?? 'SHA1'",
    becomes: "checksum?.algorithm ?? 'MD5'",
    tests: [PUSH],
  },
  {
    name: 'A writer that has died keeps its lease.',
    text: '    tables.contents.end(key)\n    const found = tables.updateFiles.byContent(key)\n    if',
    becomes: '    const found = tables.updateFiles.byContent(key)\n    if',
    tests: [PURGE],
  },
  {
    name: 'A file waits for a writer that has died.',
    text: "    if (found) sendTransfer(tables, found.sessionId, { type: 'interrupt', transferId: key })\n",
    becomes: '    void found\n',
    tests: [PURGE],
  },
  // src/sandbox/housekeeping.ts
  {
    name: 'The orphan search ends after the first page.',
    text: 'cursor = page.truncated ? page.cursor : undefined',
    becomes: 'cursor = undefined',
    tests: [CONTENTS],
  },
  {
    name: 'The orphan search sees the first page again and again.',
    text: '{ prefix, ...(cursor !== undefined && { cursor }) }',
    becomes: '{ prefix }',
    tests: [CONTENTS],
  },
  {
    name: 'The orphan search deletes what is known.',
    text: '.filter((key) => !contents.isKnown(key))',
    becomes: '',
    tests: [CONTENTS],
  },
  {
    name: 'The orphan search comes back at once.',
    text: '  planOrphans(storage, now + everyMs)\n  try {',
    becomes: '  try {',
    tests: [CONTENTS],
  },
  {
    name: 'The orphan search comes back where there is no content.',
    text: '  if (exists(storage) && contents.isEmpty()) planOrphans(storage, undefined)\n',
    becomes: '',
    tests: [CONTENTS],
  },
  {
    name: 'The orphan search looks into a sandbox that was removed.',
    text: 'exists(storage) && contents.isEmpty()',
    becomes: 'contents.isEmpty()',
    tests: [CONTENTS],
  },
  {
    name: 'The orphan search does not come back.',
    text: 'exists(storage) && contents.isEmpty()',
    becomes: 'exists(storage)',
    tests: [CONTENTS],
  },
  {
    name: 'No orphan search is planned.',
    text: '    if (!contents.isEmpty()) planOrphans(storage, now + everyMs)\n',
    becomes: '',
    tests: [ALARM],
  },
  {
    name: 'The removal of a sandbox deletes one page of its objects.',
    text: '  for (;;) {\n    const { objects } =',
    becomes: '  {\n    const { objects } =',
    tests: [CONTENTS],
  },
  // src/sandbox/sandbox.ts
  {
    name: 'The content of a file that a test has put there is not deleted where nothing holds it.',
    text: '    await discard(bucket, key, ended.content)\n',
    becomes: '',
    tests: [REPEATED],
  },
]
