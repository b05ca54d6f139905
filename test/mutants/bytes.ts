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
const SMALL = 'test/content/small.test.ts'
const READ = 'test/content/read.test.ts'
const DOWNLOAD = 'test/bindings/bytes/download.test.ts'
const NODE_BYTES = 'test/node/bytes.test.ts'
const LIMIT = 'test/sandbox/limit.test.ts'
const GROWTH = 'test/sandbox/growth.test.ts'
const RULES = 'test/rules/file.test.ts'

// Left out, since they change no answer or only when seconds pass: that only descriptors and manifests are read
// (`isMetadata` in content/store.ts), `cache: 'no-store'`, and how long a PULL waits between its attempts.

export const mutants: Mutant[] = [
  // src/sandbox/tables/contents.ts, and who calls it
  {
    name: 'No lease is renewed while bytes arrive.',
    text: `  tables.contents.renew(key, bytesTransferred)
`,
    becomes: '',
    tests: [CONTENTS],
  },
  {
    name: 'A report of progress counts bytes, but renews no lease.',
    text: 'WHERE key = ? AND lease_until < ?',
    becomes: 'WHERE key = ? AND lease_until < ? AND 1 = 0',
    tests: [CONTENTS],
  },
  {
    name: 'The lease of a transfer that has ended stays.',
    text: `'UPDATE content SET lease_until = NULL, purge_at`,
    becomes: `'UPDATE content SET lease_until = lease_until, purge_at`,
    tests: [CONTENTS],
  },
  {
    name: 'Content that is purged while a transfer writes it is forgotten.',
    text: 'isWritten ? again :',
    becomes: 'key === "" ? again :',
    tests: [CONTENTS],
  },
  {
    name: 'Content that was purged while a transfer wrote it is purged again when the lease is over, not when the transfer is.',
    text: 'purge_at = MIN(purge_at, ?) WHERE',
    becomes: 'purge_at = COALESCE(purge_at, NULL * ?) WHERE',
    tests: [CONTENTS],
  },
  {
    name: 'Content of which the transfer ends while it is purged is forgotten.',
    text: 'COALESCE(lease_until, purge_at)',
    becomes: 'COALESCE(lease_until, purge_at + 1e9)',
    tests: [CONTENTS],
  },
  {
    name: 'Content is purged that is not on the purge list.',
    text: 'FROM content WHERE purge_at <= ? LIMIT',
    becomes: 'FROM content WHERE ?1 = ?1 LIMIT',
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
    name: 'A transfer ends while a part of it is being put.',
    text: `    await Promise.allSettled([written])
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer that stops waits for the next byte.',
    text: `    return body.leave(outcome.why)
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer goes on that is told not to be wanted.',
    text: `        () => this.#stop('not wanted'),
`,
    becomes: `        () => undefined,
`,
    tests: [RECEIVE],
  },
  {
    name: 'A transfer goes on that is reported not to be wanted.',
    text: `if (roomBytes === undefined) return this.#stop('not wanted')`,
    becomes: 'if (roomBytes === undefined) return',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer that is stopped counts as interrupted.',
    text: `    stopped = outcome
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'Reports that fail end no transfer.',
    text: `if (Date.now() - this.#heardAt > this.#plan.leaseMs) this.#stop('unheard')`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A report that fails ends the transfer.',
    text: 'if (Date.now() - this.#heardAt > this.#plan.leaseMs)',
    becomes: 'if (this.#plan.leaseMs > 0)',
    tests: [RECEIVE],
  },
  {
    name: 'A sandbox that has failed once is not listened to again.',
    text: `        () => (this.#isListening = false),
`,
    becomes: `        () => undefined,
`,
    tests: [RECEIVE],
  },
  {
    name: 'Storage that fails is not noticed before the next byte.',
    text: `      written.catch(refuse)
`,
    becomes: `      written.catch(() => undefined)
`,
    tests: [RECEIVE],
  },
  {
    name: 'What the store refuses is told as an interruption.',
    text: 'return stopped ?? refused ?? {',
    becomes: 'return stopped ?? {',
    tests: [RECEIVE],
  },
  {
    name: 'The last part of a body is lost.',
    text: 'if (filled === 0) break',
    becomes: 'if (isOver) break',
    tests: [RECEIVE],
  },
  {
    name: 'A body that ends with a part has an empty one more.',
    text: `      if (filled === 0) break
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A small body finds no room for its end.',
    text: '(lengthBytes ?? PART_BYTES) + 1)',
    becomes: '(lengthBytes ?? PART_BYTES) || 1)',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer goes on beyond its room.',
    text: `if (this.bytesTransferred > this.#roomBytes) this.#stop('store full')`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer that fills its room is cut.',
    text: 'this.bytesTransferred > this.#roomBytes',
    becomes: 'this.bytesTransferred >= this.#roomBytes',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer does not hear that others have taken its room.',
    text: `      this.#roomBytes = roomBytes
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer takes memory that others have.',
    text: 'if (free.sizeBytes - keptBytes < sizeBytes) return false',
    becomes: 'if (free.sizeBytes < -1e12) return false',
    tests: [RECEIVE],
  },
  {
    name: 'Large transfers keep a small one waiting.',
    text: 'sizeBytes > SMALL_TAKE_BYTES ? SMALL_SHARE_BYTES : 0',
    becomes: '0',
    tests: [RECEIVE],
  },
  {
    name: 'The memory of a transfer that has ended is not free.',
    text: `    releaseMemory(watch)
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A pull that is over leaves a timer, and its object in memory.',
    text: 'return Promise.race([work, promise]).finally(() => clearTimeout(timer))',
    becomes: 'return Promise.race([work, promise]).finally(() => timer)',
    tests: ['test/node/process/limits.test.ts'],
  },
  {
    name: 'A transfer waits for memory of one that the platform has ended.',
    text: 'if (other.isSilent()) releaseMemory(other)',
    becomes: 'other.isSilent()',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer takes memory of one that is under way.',
    text: 'Date.now() - this.#stirredAt > this.#plan.leaseMs',
    becomes: 'Date.now() - this.#stirredAt >= 0',
    tests: [RECEIVE],
  },
  {
    name: 'A transfer that is stopped waits for memory all the same.',
    text: `    if (watch.isOver) return []
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A descriptor is read however large it is.',
    text: 'isWhole && filled <= METADATA_BYTES',
    becomes: 'isWhole',
    tests: [OVF],
  },
  {
    name: 'No descriptor is read.',
    text: 'crc32: checksums.crc32, ...(descriptor && { descriptor }) }',
    becomes: 'crc32: checksums.crc32 }',
    tests: [RECEIVE],
  },
  {
    name: 'No small descriptor is read.',
    text: 'sizeBytes: bytes.byteLength, digests, ...(descriptor && { descriptor }) }',
    becomes: 'sizeBytes: bytes.byteLength, digests }',
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
  // Small content
  {
    name: 'Small content lies in the bucket.',
    text: 'Math.min(SMALL_BYTES, SMALL_TOTAL_BYTES - contents.smallBytes())',
    becomes: 'Math.min(-1, SMALL_TOTAL_BYTES - contents.smallBytes())',
    tests: [SMALL],
  },
  {
    name: 'A sandbox has any number of small files in rows.',
    text: 'Math.min(SMALL_BYTES, SMALL_TOTAL_BYTES - contents.smallBytes())',
    becomes: 'Math.min(SMALL_BYTES, SMALL_TOTAL_BYTES)',
    tests: [SMALL],
  },
  {
    name: 'Content that is a row counts to the own limit of its sandbox.',
    text: ' - contents.smallBytes() > FULL_BYTES',
    becomes: ' > FULL_BYTES',
    tests: [SMALL],
  },
  {
    name: 'Once there was room in a sandbox, it is never asked again.',
    text: 'known.createdUnasked < UNASKED',
    becomes: 'known.createdUnasked !== Infinity',
    tests: [SMALL],
  },
  {
    name: 'A sandbox that is full is full for the first request alone.',
    text: 'if (!isFull) known.createdUnasked = 1',
    becomes: 'known.createdUnasked = 1',
    tests: [SMALL],
  },
  {
    name: 'Content that is a row stays when nothing holds it.',
    text: `      this.#database.write('DELETE FROM small_content WHERE key = ?', key)
`,
    becomes: '',
    tests: [SMALL],
  },
  {
    name: 'Content that is a row counts when it is gone.',
    text: 'SET bytes = bytes - LENGTH(old.bytes), small_bytes',
    becomes: 'SET small_bytes',
    tests: [SMALL],
  },
  {
    name: 'Content that has become a row counts twice.',
    text: '    UPDATE held SET bytes = bytes - old.bytes;',
    becomes: '    UPDATE held SET bytes = bytes;',
    tests: [SMALL],
  },
  {
    name: 'A file that is refused leaves a row.',
    text: 'if (isHeld && ended.ok &&',
    becomes: 'if (ended.ok &&',
    tests: [REPEATED],
  },
  {
    name: 'A mock that discards content keeps what is small.',
    text: '...(!isDiscarded && { bytes }) }, fault)',
    becomes: 'bytes }, fault)',
    tests: [SMALL],
  },
  {
    name: 'A small file is taken though there is no room for its bytes.',
    text: 'Math.min(rowBytes(tables), roomBytes(tables))',
    becomes: 'rowBytes(tables)',
    tests: [SMALL],
  },
  {
    name: 'A fault that breaks an upload off breaks none that is small.',
    text: '!hasPlace || fault?.afterBytes !== undefined',
    becomes: '!hasPlace',
    tests: [SMALL],
  },
  {
    name: 'A small upload that is told again is taken again.',
    text: 'if (answered) return {',
    becomes: 'if (answered && key === ``) return {',
    tests: [REPEATED],
  },
  {
    name: 'A small body is waited for, however long it takes.',
    text: 'await within(until - Date.now(), next)',
    becomes: 'await next',
    tests: [SMALL],
  },
  {
    name: 'What was looked at is not read.',
    text: `        this.#ahead.push(next)
`,
    becomes: '',
    tests: [SMALL],
  },
  {
    name: 'Of what was looked at, the rest is lost when it is read in pieces.',
    text: 'if (rest.byteLength > 0)',
    becomes: 'if (rest.byteLength > Infinity)',
    tests: [RECEIVE],
  },
  {
    name: 'The memory of small uploads is not free when they are over.',
    text: '  ).finally(() => releaseMemory(holder))',
    becomes: '  ).finally(() => undefined)',
    tests: [SMALL],
  },
  {
    name: 'A range of a small file is all of it.',
    text: 'bytes.slice(piece.offset, piece.offset + piece.lengthBytes)',
    becomes: 'bytes',
    tests: [DOWNLOAD],
  },
  {
    name: 'Each release is purged at once.',
    text: 'MIN(purge_at) + ${GATHER_MS} FROM',
    becomes: 'MIN(purge_at) FROM',
    tests: [ALARM],
  },
  // src/content/pull.ts
  {
    name: 'A pull is stopped when exactly the announced bytes have come.',
    text: 'this.bytesTransferred > (this.#plan.announcedBytes',
    becomes: 'this.bytesTransferred >= (this.#plan.announcedBytes',
    tests: [PULL],
  },
  {
    name: 'A pull goes on beyond the announced bytes.',
    text: `    if (this.bytesTransferred > (this.#plan.announcedBytes ?? Infinity)) this.#stop('more than announced')
`,
    becomes: '',
    tests: [PULL],
  },
  {
    name: 'A pull of more than announced is not judged.',
    text: `return { type: 'receive', received: { key, sizeBytes: result.bytesTransferred, digests: {} } } as const`,
    becomes: `return { type: 'interrupt' } as const`,
    tests: [PULL],
  },
  {
    name: 'A source that has sent nothing yet is waited for.',
    text: `    abort.abort(silence)
`,
    becomes: '',
    tests: [PULL],
  },
  {
    name: 'The time of a source runs from its beginning, however much it sends.',
    text: 'body ? body.waitsSince : askedAt',
    becomes: 'askedAt',
    tests: [PULL],
  },
  {
    name: 'A store that takes its time is told as silence of the source.',
    text: `    this.waitsSince = undefined
`,
    becomes: '',
    tests: [RECEIVE],
  },
  {
    name: 'A pull that can never succeed is tried again.',
    text: `    case 'failed for good':
      return { type: 'abandon',`,
    becomes: `    case 'failed for good':
      return { type: 'interrupt',`,
    tests: [PULL],
  },
  {
    name: 'A pull is tried again without a limit.',
    text: 'if (failures >= ATTEMPTS_LIMIT) return',
    becomes: 'if (failures <= 0) return',
    tests: [RULES],
  },
  {
    name: 'The attempts of a pull are forgotten when the next begins.',
    text: `  uploadToken,
  failures,
})`,
    becomes: `  uploadToken,
})`,
    tests: [RULES],
  },
  {
    name: 'A pull that was killed asks its source again.',
    text: 'const result = wasKilled ?',
    becomes: 'const result = wasKilled && plan.key === `` ?',
    tests: [REPEATED],
  },
  {
    name: 'A pull ends with its alarm.',
    text: `    if (!isOver) await storage.setAlarm(Date.now())
`,
    becomes: '',
    tests: [REPEATED],
  },
  {
    name: 'Each alarm of a pull begins it anew.',
    text: `    if (!this.#attempt) {
`,
    becomes: `    {
`,
    tests: [REPEATED],
  },
  {
    name: 'A source that is not trusted is asked again.',
    text: 'return isKnown ? permanent(NOT_TRUSTED)',
    becomes: 'return isKnown ? transient(NOT_TRUSTED)',
    tests: [NODE_BYTES],
  },
  {
    name: 'An error of the source is taken for the file.',
    text: 'const isWhole = response.ok && response.status !== 206',
    becomes: 'const isWhole = true',
    tests: [PULL],
  },
  {
    name: 'An answer without a body is taken for the file.',
    text: 'if (!isWhole || !response.body) {',
    becomes: 'if (!isWhole) {',
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
    text: 'await Promise.race([asked, watch.stopped])',
    becomes: 'await asked',
    tests: [REPEATED],
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
    text: `    sendTransfer(tables, found.sessionId, { type: 'interrupt', transferId: key, ...reason })
`,
    becomes: '',
    tests: [PURGE],
  },
  // src/sandbox/housekeeping.ts
  {
    name: 'The search for orphans ends after the first page, and so does a removal.',
    text: '    await Promise.all(keys.map((key) => deleteParts(parts, key)))\n',
    becomes: '    return void (await Promise.all(keys.map((key) => deleteParts(parts, key))))\n',
    tests: [CONTENTS],
  },
  {
    name: 'A deletion by prefix ends after the first page.',
    text: 'for await (const keys of list(prefix)) if (keys.length > 0) await bucket.delete(keys)',
    becomes: 'for await (const keys of list(prefix)) return bucket.delete(keys)',
    tests: [CONTENTS],
  },
  {
    name: 'A listing sees the first page again and again.',
    text: '{ prefix, ...(cursor !== undefined && { cursor }) })',
    becomes: '{ prefix })',
    tests: [CONTENTS],
  },
  {
    name: 'The orphan search deletes what is known.',
    text: '(key: string) => !contents.isKnown(key)',
    becomes: '() => true',
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
  // src/content/read.ts, src/sandbox/transfers.ts, src/bindings/bytes
  {
    name: 'A download of no bytes waits for who reads them.',
    text: `  if (lengthBytes === 0) return new Blob([]).stream()
`,
    becomes: '',
    tests: [READ],
  },
  {
    name: 'A part that is too short is passed on.',
    text: 'if (object && object.size >= offset + length) return object.body',
    becomes: 'if (object) return object.body',
    tests: [READ],
  },
  {
    name: 'A download is not checked.',
    text: 'const isChecked = lengthBytes === sizeBytes &&',
    becomes: 'const isChecked = lengthBytes === -1 &&',
    tests: [READ],
  },
  {
    name: 'A range that is no file of its own is checked as one.',
    text: 'const isChecked = lengthBytes === sizeBytes &&',
    becomes: 'const isChecked = lengthBytes !== -1 &&',
    tests: [READ],
  },
  {
    name: 'A range begins at the part that it is in.',
    text: 'at % PART_BYTES, nextPart(at, end) - at)',
    becomes: '0, nextPart(at, end) - at)',
    tests: [READ],
  },
  {
    name: 'A range is given of another file than the client has a part of.',
    text: `['', etagOf(received)].includes(ifRange) ? range : undefined`,
    becomes: 'range',
    tests: [DOWNLOAD],
  },
  {
    name: 'An upload of a client that has left is told when its lease is over.',
    text: `  c.executionCtx.waitUntil(taken.catch(() => undefined))
`,
    becomes: '',
    tests: [NODE_BYTES],
  },
  {
    name: 'An end whose answer is lost is told once.',
    text: `      return await call()
    } catch (error) {
      if (Date.now() + AGAIN_MS > until) throw error
`,
    becomes: `      return await call()
    } catch (error) {
      throw error
`,
    tests: [REPEATED],
  },
  {
    name: 'A repeated end is refused.',
    text: '  const answered = endings.find(key)\n',
    becomes: '  const answered = key === `` ? endings.find(key) : undefined\n',
    tests: [REPEATED],
  },
  {
    name: 'Who waits for the end of a transfer is not told.',
    text: `    this.stop(released)
    if (!moments)`,
    becomes: '    if (!moments)',
    tests: [REPEATED],
  },
  {
    name: 'Who waits for a transfer is not told when it is over.',
    text: `    this.#state.stop([key])
    const { result } = ended`,
    becomes: '    const { result } = ended',
    tests: [REPEATED],
  },
  {
    name: 'Who asks late whether a transfer is over waits for ever.',
    text: `    if (!isUnderWay) this.#state.stop([key])
`,
    becomes: '',
    tests: [REPEATED],
  },
  {
    name: 'What a transfer says of its size does not count before it begins.',
    text: 'roomBytes(tables) >= Math.max(1, lengthBytes)',
    becomes: 'roomBytes(tables) >= 1',
    tests: [LIMIT],
  },
  {
    name: 'The reason of a transfer that failed is not shown.',
    text: `...('reason' in file && file.reason && { error_message: file.reason }),`,
    becomes: '',
    tests: [LIMIT],
  },
  {
    name: 'A report writes the lease each time.',
    text: 'this.#now + (this.#leaseMs * 2) / 3)',
    becomes: 'this.#now + this.#leaseMs + 1)',
    tests: [GROWTH],
  },
]
