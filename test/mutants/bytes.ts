// Small bugs where bytes live: who writes them, who holds them, and when they go. Each half of every condition in
// sandbox/tables/contents.ts, sandbox/transfers.ts, sandbox/housekeeping.ts, content/store.ts and content/pull.ts is here.
import { killedBy } from './mutant.ts'

// Left out, since they change no answer or only when seconds pass: `cache: 'no-store'`, and how long a PULL waits between its
// attempts.

export const mutants = [
  ...killedBy('test/sandbox/contents.test.ts', {
    'No lease is renewed while bytes arrive.': 'tables.contents.renew(key, bytesTransferred)',
    'A report of progress counts bytes, but renews no lease.': 'AND lease_until < ?{+ AND 1 = 0+}',
    'The lease of a transfer that has ended stays.': 'SET lease_until = [-NULL-]{+lease_until+},',
    'Content that is purged while a transfer writes it is forgotten.': '[-isWritten-]{+key === ""+} ? again :',
    'Content that was purged while a transfer wrote it is purged again when the lease is over, not when the transfer is.':
      'purge_at = [-MIN(purge_at,-]{+COALESCE(purge_at, NULL *+} ?) WHERE',
    'Content of which the transfer ends while it is purged is forgotten.': ', purge_at{+ + 1e9+})',
    'Content is purged that is not on the purge list.': 'content WHERE [-purge_at <= ?-]{+?1 = ?1+}',
    'Content is purged while a file holds it.': 'if (this.isHeld(key)) continue',
    'Only a file of a session holds content.':
      'WHERE EXISTS[- (SELECT 1 FROM item_file WHERE content_key = ?1)\n                  OR EXISTS-]',
    'Only a file of an item holds content.':
      '[-\n                  OR EXISTS (SELECT 1 FROM update_file WHERE content_key = ?1)-]`',
    'What the bucket would not delete is due at once.': 'this.database.real[- + RETRY_MS-], ',
    'The search for orphans ends after the first page, and so does a removal.': [
      'await Promise.all(keys.map((key) => deleteParts(parts, key)))',
      'return void (await Promise.all(keys.map((key) => deleteParts(parts, key))))',
    ],
    'A deletion by prefix ends after the first page.': 'prefix)) [-if (keys.length > 0) await-]{+return+}',
    'A listing sees the first page again and again.': '{ prefix[-, ...(cursor !== undefined && { cursor })-]',
    'The orphan search deletes what is known.': '([-key: string) => !contents.isKnown(key)-]{+) => true+}',
    'The orphan search comes back at once.': '  [-planOrphans(storage, now + everyMs)\n  -]try {',
    'The orphan search comes back where there is no content.':
      'if (exists(storage) && contents.isEmpty()) planOrphans(storage, undefined)',
    'The orphan search does not come back.': 'exists(storage)[- && contents.isEmpty()-]',
    'A report writes the lease each time.': 'leaseUntil [-- settings.transferLeaseMs / 3-]{++ 1+})',
  }),
  ...killedBy('test/content/receive.test.ts', {
    'A transfer that waits for memory does not say so.': 'this.bytesTransferred, [-this.isWaiting-]{+false+})',
    'A transfer ends while a part of it is being put.': 'await Promise.allSettled([written])',
    'A transfer that stops waits for the next byte.': 'return waiting?.reject(new Error(outcome.why))',
    'A transfer goes on that is told not to be wanted.': "() => [-this.#stop('not wanted')-]{+undefined+},\n",
    'A transfer goes on that is reported not to be wanted.': "return[- this.#stop('not wanted')-]",
    'A transfer that is stopped counts as interrupted.': 'stopped = outcome',
    'Reports that fail end no transfer.': "if (Date.now() - this.#heardAt > this.#plan.leaseMs) this.#stop('unheard')",
    'A report that fails ends the transfer.':
      'if ([-Date.now() - this.#heardAt > this.#plan.leaseMs-]{+this.#plan.leaseMs > 0+})',
    'A sandbox that has failed once is not listened to again.': ') => [-(this.#isListening = false)-]{+undefined+}',
    'Storage that fails is not noticed before the next byte.': "written.catch([-fail('refused')-]{+() => undefined+})",
    'What the store refuses is told as an interruption.': "written.catch(fail('[-refused-]{+interrupted+}'))",
    'The last part of a body is lost.': 'if ([-filled === 0-]{+isOver+}) break',
    'A body that ends with a part has an empty one more.': 'if (filled === 0) break',
    'A small body finds no room for its end.': '(lengthBytes ?? PART_BYTES) [-+-]{+||+} 1',
    'A transfer goes on beyond its room.': "if (this.bytesTransferred > this.#roomBytes) this.#stop('store full')",
    'A transfer that fills its room is cut.': '>{+=+} this.#roomBytes',
    'A transfer does not hear that others have taken its room.': 'this.#roomBytes = roomBytes',
    'A transfer takes memory that others have.': '(free.sizeBytes [-- keptBytes < sizeBytes - heldBytes-]{+< -1e12+}',
    'Large transfers keep a small one waiting.':
      '[-sizeBytes > SMALL_TAKE_BYTES ? SMALL_SHARE_BYTES + (heldBytes > 0 ? FIRST_SHARE_BYTES : 0) : -]0',
    'The memory of a transfer that has ended is not free.': 'releaseMemory(watch)',
    'A transfer waits for memory of one that the platform has ended.':
      '[-if (other.isSilent()) releaseMemory(other-]{+other.isSilent(+})',
    'A slow transfer keeps its memory while others wait.':
      'if (isSlow && bufferBytes > PIECE_BYTES && turns < TURNS_LIMIT && isMemoryWanted()) waiting?.resolve(undefined)',
    'A transfer that sends nothing more keeps its memory for a second.':
      '[-looks > 2 ** turns || -]Date.now() - turnAt',
    'A transfer that sends nothing more keeps much memory, though others want it.':
      'body.comes([-isMemoryWanted()-]).then',
    'A body that comes fast is read in small pieces, where others want memory.': 'isMemoryWanted[- && !this.#isFast-]',
    'What a slow transfer leaves in the store stays.': 'if (turns > 0) await parts.deleteByPrefix(restKey)',
    'Slow transfers leave no memory for one that has had none.': '(heldBytes > 0 ? [-FIRST_SHARE_BYTES-]{+0+} : 0)',
    'Slow transfers are so many that none can go on.':
      'if (heldBytes === 0 && sizeBytes > SMALL_TAKE_BYTES && keptByAll() > ALL_KEPT_BYTES) return false',
    'A transfer takes memory of one that is under way.': '.#stirredAt >[- this.#plan.leaseMs-]{+= 0+}',
    'A transfer that is stopped waits for memory all the same.': 'while ([-!watch.isOver-]{+true+})',
    'No descriptor is read.': '...fate[-, ...(descriptor && { descriptor })-]',
    'Of what was looked at, the rest is lost when it is read in pieces.':
      'if (piece && taken.byteLength [-<-]{+< -1 *+} piece',
    'A store that takes its time is told as silence of the source.': 'this.waitsSince = undefined',
  }),
  ...killedBy('test/node/process/limits.test.ts', {
    'A pull that is over leaves a timer, and its object in memory.': '() => [-clearTimeout(timer)-]{+timer+})',
  }),
  ...killedBy('test/content/ovf.test.ts', {
    'A descriptor is read however large it is.': 'isWhole[- && filled <= METADATA_BYTES-]',
    'No small descriptor is read.': 'digests[-, ...(descriptor && { descriptor })-] }',
  }),
  ...killedBy('test/content/repeated-steps.test.ts', {
    'A session ends while its transfer waits for memory.': 'tables.now [-<-]{+< 0 *+} session.idleMs / 2',
    'Each report of a transfer that waits for memory writes.': 'tables.now [-< session.idleMs / 2-]{+< Infinity+}',
    'Bytes that are held are deleted when their transfer has ended.': 'if (isHeld) return',
    'Bytes that are not wanted are not deleted when their transfer has ended.': "if ([-isHeld-]{+key !== ''+}) ",
    'A file that is refused leaves a row.': 'if ([-isHeld && -]ended.ok &&',
    'A small upload that is told again is taken again.': 'if (answered{+ && key === ``+}) return byRule(answered)',
    'A pull that was killed asks its source again.': '= wasKilled {+&& plan.key === `` +}?',
    'A pull ends with its alarm.': 'if (!isOver) await storage.setAlarm(Date.now())',
    'Each alarm of a pull begins it anew.': '[-if (!this.#attempt) -]{\n',
    'A pull waits for a silent source though it is not wanted any more.':
      'await [-Promise.race([asked, watch.stopped])-]{+asked+}',
    'An end whose answer is lost is told once.': '[-if (Date.now() + AGAIN_MS > until) -]throw error\n',
    'An upload whose session has ended is told that its store fails.': '[-isGone ? gone : -]answerOf',
    'A repeated end is refused.': '= [-endings.find(key)-]{+key === `` ? endings.find(key) : undefined+}\n',
    'Who waits for the end of a transfer is not told.': '[-this.stop(released)\n    -]if (!moments)',
    'Who waits for a transfer is not told when it is over.': 'this.#state.[-stop([key])\n    this.#state.-]keep',
    'Who asks late whether a transfer is over waits for ever.': 'if (!isUnderWay) this.#state.stop([key])',
  }),
  ...killedBy('test/content/small.test.ts', {
    'Small content lies in the bucket.': 'Math.min([-SMALL_BYTES-]{+-1+}, SMALL_TOTAL_BYTES',
    'A sandbox has any number of small files in rows.': '[- - smallBytes-])',
    'Content that is a row counts to the own limit of its sandbox.': ' [-- contents.held().small_bytes -]>',
    'Content that is a row stays when nothing holds it.':
      "[-if (!this.database.writeUntimed('DELETE FROM small_content WHERE key = ?', key))-]",
    'Content that is a row counts when it is gone.': '[-bytes = bytes - LENGTH(old.bytes), -]small_bytes',
    'Content that has become a row counts twice.': 'held SET bytes = bytes[- - old.bytes-];',
    'A mock that discards content keeps what is small.':
      'received: { ...received, isDiscarded }{+, bytes+} } : { received, bytes }',
    'A small file is taken though there is no room for its bytes.': '[-Math.min(rowBytes, roomBytes)-]{+rowBytes+}',
    'A fault that breaks an upload off breaks none that is small.': '!hasPlace[- || fault?.after_bytes !== undefined-]',
    'A small body is waited for, however long it takes.':
      'await [-within(until - Date.now(), this.comes())-]{+this.comes()+}',
    'What was looked at is not read.': 'this.#come.unshift(...seen)',
    'The memory of small uploads is not free when they are over.': '() => [-releaseMemory(holder)-]{+undefined+})',
  }),
  ...killedBy('test/bindings/bytes/download.test.ts', {
    'What was deleted while it was downloaded is told as damaged.': '[-isDamaged-]{+key+} ? `cannot',
    'The journal says of a download that was answered with 500 that it was sent.':
      '[-known.isRecorded = false-]{+void 0+}\n  return',
    'A small file that was discarded is there for conditions.': 'received[-: { ...received, isDiscarded }-] }',
    'A large file that was discarded is there for conditions.': "= [-plan.retention === 'discard'-]{+false+} &&",
    'A range of a small file is all of it.': 'bytes[-.slice(piece.offset, piece.offset + piece.lengthBytes)-]',
    'A range is given of another file than the client has a part of.':
      "[-['', etag].includes(ifRange) ? range : undefined-]{+range+}",
  }),
  ...killedBy('test/sandbox/alarm.test.ts', {
    'Each release is purged at once.': 'MIN(purge_at) [-+ ${GATHER_MS} -]FROM',
    'No orphan search is planned.': 'if (!contents.isEmpty()) planOrphans(storage, now + everyMs)',
  }),
  ...killedBy('test/content/pull.test.ts', {
    'A session ends with its idle time, also where its pull waits.':
      "this.#apply(session, { type: 'expire'{+, isForced: true+} }, this.database.now)\n    this.database.known",
    'A pull is stopped when exactly the announced bytes have come.': 'bytesTransferred >{+=+} (',
    'A pull goes on beyond the announced bytes.':
      "if (this.bytesTransferred > (this.#plan.announcedBytes ?? Infinity)) this.#stop('more than announced')",
    'A pull of more than announced is not judged.': [
      "return { type: 'receive', received: { key, sizeBytes: result.bytesTransferred, digests: {} } } as const",
      "return { type: 'interrupt' } as const",
    ],
    'A source that has sent nothing yet is waited for.':
      '[-(await within(stallMs, asked))-]{+await asked+} ?? transient',
    'A source that sends nothing more is waited for.': '?? Infinity) > [-stallMs-]{+Infinity+}',
    'A pull that can never succeed is tried again.':
      "case 'failed for good':\n      return { type: '[-abandon-]{+interrupt+}',",
    'An error of the source is taken for the file.': '= [-response.ok && response.status !== 206-]{+true+}',
    'An answer without a body is taken for the file.': 'if (!isWhole[- || !response.body-]) {',
    'A source that is overloaded is not asked again.': '[-[408, 429].includes(response.status) || -]response',
    'A source that took too long is not asked again.': '[[-408, 429-]{+429+}]',
    'A source that failed is not asked again.': 'response.status)[- || response.status >= 500-]',
    'A success with an address is taken for a redirect.': '[-< 300 || response.status -]> 399 ||',
    'A refusal with an address is taken for a redirect.': '[-response.status > 399 || -]location ===',
    'A redirect without an address is followed.': '> 399[- || location === null-]',
  }),
  ...killedBy('test/rules/file.test.ts', {
    'A pull is tried again without a limit.': 'if (failures [->= ATTEMPTS_LIMIT-]{+<= 0+}) return',
    'The attempts of a pull are forgotten when the next begins.': '[-  failures,\n-]})',
  }),
  ...killedBy('test/rules/update-session.test.ts', {
    'A session is idle while its pull waits.': 'ok([-isWaiting && !isForced-]{+false+} ?',
    'A session that is to end waits for its pull.': 'isWaiting[- && !isForced-] ?',
    'A pull that stalls keeps its session.': '[-pulls.every-]{+pulls.some+}(({ status })',
  }),
  ...killedBy('test/node/bytes.test.ts', {
    'What a write that was killed has left on the disk stays.': [
      "const { ok, status } = await send('DELETE', folderOf(prefix))",
      "for (const key of await keysIn(send, prefix)) await send('DELETE', key)\n const [ok, status] = [true, 0]",
    ],
    'A source that is not trusted is asked again.': '? [-notTrusted(-]{+transient(notTrusted().why+})',
    'An upload of a client that has left is told when its lease is over.':
      'c.executionCtx.waitUntil(taken.catch(() => undefined))',
  }),
  ...killedBy('test/bindings/bytes/push.test.ts', {
    'Only the default digest is computed.': "checksum[-?.algorithm ??-]{+ ? 'SHA1' :+} 'SHA1'",
    'Another digest than the default one is computed.': "?.algorithm ?? '[-SHA1-]{+MD5+}'",
  }),
  ...killedBy('test/content/purge.test.ts', {
    'A writer that has died keeps its lease.': '    [-tables.contents.end(key)\n    -]const found =',
    'A file waits for a writer that has died.':
      "sendTransfer(tables, found, { type: 'interrupt', transferId: key, ...reason })",
  }),
  ...killedBy('test/content/read.test.ts', {
    'A download of no bytes is logged as one that is damaged.': 'if (lengthBytes === 0) return new Blob([]).stream()',
    'A part that is too short is passed on.': '(object[- && object.size >= offset + length-]) return',
    'A download is not checked.': 'isChecked = lengthBytes === [-sizeBytes-]{+-1+} &&',
    'A range that is no file of its own is checked as one.': 'lengthBytes [-=== sizeBytes-]{+!== -1+} &&',
    'A range begins at the part that it is in.': '[-at % PART_BYTES-]{+0+}, nextPart(at, end) -',
  }),
  ...killedBy('test/sandbox/limit.test.ts', {
    'What came at the same time is stored beyond the limit of a sandbox.':
      'if ([-roomIn(tables).roomBytes >= 0-]{+true+})',
    'A source is asked again for what there was no room for at its end.':
      "if (sourceType === 'PULL') return { type: 'abandon', reason }",
    'A file that is sent again counts beside what it replaces.':
      'roomIn(tables[-, isDiscarded ? 0 : bytesTransferred(found.file)-])',
    'What was discarded gives room when it is sent again.': '[-isDiscarded ? 0 : -]bytesTransferred(found.file)',
    'What a transfer says of its size does not count before it begins.': '>= [-Math.max(1, lengthBytes)-]{+1+}',
    'The reason of a transfer that failed is not shown.':
      "status: file.status,\n    [-...('reason' in file && file.reason && { error_message: file.reason }),\n    -]...(!isKept",
  }),
]
