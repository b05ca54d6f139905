// One mutant for each line whose comment explains an order, a race, a second look or a second run.
import { killedBy } from './mutant.ts'

export const mutants = [
  ...killedBy('test/sandbox/going.test.ts', {
    'A login to a sandbox that is removed at the same moment is refused.': ['while (this.#create', 'if (this.#create'],
    'The purge writes into a sandbox that has been removed meanwhile.': ['exists(storage) && storage.', 'storage.'],
    'A sandbox that was removed while it ordered pulls is asked for its content.': [
      'if (!exists(storage)) return\n    const { contents }',
      'const { contents }',
    ],
    'A sandbox that was removed while it purged looks for orphans.': ['if (!exists(storage)) return\n  const', 'const'],
    'The alarm is set in a sandbox that has been removed meanwhile.': [
      'const known = this.know()\n    if (!known) return\n    const at',
      'const known = this.know() ?? readKnown(storage)\n    const at',
    ],
    'A sandbox forgets its content before it is deleted.': [
      'if (exists(storage)) removeRows(storage, Date.now())',
      'await storage.deleteAll()',
    ],
    'A sandbox that could not delete its content does not try again.':
      'await this.#state.setAlarm(Date.now() + REMOVAL_RETRY_MS)',
    'A sandbox is forgotten while a transfer may still write.':
      'if (writtenUntil > Date.now()) return this.#state.setAlarm(writtenUntil)',
    'What is known of a removed sandbox is known of the next.': [
      'this.#state.forget()\n    this.#state.renewSettings()',
      'this.#state.renewSettings()',
    ],
    'A removal deletes the content of the sandbox that was created meanwhile, and a search looks on in one that was removed.':
      'if (!isAsBefore()) return',
    'The settings that a test has set hold in the next sandbox.': ['this.#state.renewSettings()\n    // For', '// For'],
    'Requests that waited when the sandbox was removed are in the journal of the next.': [
      `this.#state.journal.forget()
    const { storage } = this.ctx
    if (exists(storage) || isRemoved(storage))`,
      'const { storage } = this.ctx\n    if (exists(storage) || isRemoved(storage))',
    ],
  }),

  // What is due in a sandbox, and when its alarm is set.
  ...killedBy('test/sandbox/version.test.ts', {
    'Content of another version stays if a client logs in before the alarm.': 'planOrphans(storage, Date.now())',
    'What another version has stored stays until a client logs in.':
      'void ctx.blockConcurrencyWhile(() => storage.setAlarm(Date.now()))',
    'The journal of a sandbox does not say that another version had stored it.': 'this.journal.note(notice)',
    'Every request of a sandbox that another version had stored says so.': 'this.#notice = undefined',
  }),
  ...killedBy('test/sandbox/alarm.test.ts', {
    'Any alarm that is set is early enough.': ['(scheduledAt !== null && scheduledAt <= at)', 'scheduledAt !== null'],
    'A call puts off the alarm that is set.': ['(await storage.getAlarm())', '((await storage.getAlarm()) && null)'],
    'The moments are read before the alarm is asked for.': [
      `const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, this.settings, known), known.clock, scheduledAt, Date.now())`,
      `const known = this.know()
    if (!known) return
    const moments = allMomentsOf(storage, this.settings, known)
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const at = nextAlarm(moments, known.clock, scheduledAt, Date.now())`,
    ],
    'The clock is read before the alarm is asked for.': [
      `const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, this.settings, known), known.clock, scheduledAt, Date.now())`,
      `const clock = this.know()?.clock
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.know()
    if (!known || !clock) return
    const at = nextAlarm(allMomentsOf(storage, this.settings, known), clock, scheduledAt, Date.now())`,
    ],
    'A transaction that wrote sets no alarm.': [
      ': this.setAlarm(nextAlarm(moments, known.clock, this.#scheduledAt, Date.now())))',
      ': undefined)',
    ],
    'A transaction that wrote sets no alarm where it is not known which one is set.': [
      '? this.schedule()',
      '? undefined',
    ],
    'An alarm that rings while it is asked for is taken for set.': [
      'await this.setAlarm(at ?? scheduledAt ?? undefined)',
      'this.#scheduledAt ??= scheduledAt ?? undefined\n    await this.setAlarm(at)',
    ],
    'An alarm that has rung is taken for set.': ['} = this.ctx\n    this.#state.forgetAlarm()\n', '} = this.ctx\n'],
    'No write is known to have written.': 'this.hasWritten = true',
    'A write of what the alarm waits for leaves it where it is.': 'this.hasMoved = true',
    'A session that is created is not due.': ['this.#noteDue(session)\n    this.#others.files.', 'this.#others.files.'],
    'A session that changes is due when it was before.': '      this.#noteDue(session)\n',
    'A completion is due when its session expires.': ['expiresAt, settlesAt)', 'expiresAt)'],
    'A completion that was cancelled is due all the same.': [
      'const { settlesAt: _, ...session } = before\n  return {',
      'const session = before\n  return {',
    ],
    'A completion that is read from storage is due when its session expires.': [
      'MIN(MIN(expires_at, IFNULL(settles_at, expires_at)))',
      'MIN(expires_at)',
    ],
    'After one session has expired, none is due.': ['= dueAt(this.database.sql)\n', '= Infinity\n'],
    'What was due stays due for ever.': 'this.database.known.dueAt = dueAt(this.database.sql)',
    'A call catches up with what is not due yet.': ['(this.database.known.dueAt > ', '(this.database.known.dueAt < '],
    'A new sandbox whose first call is refused has no alarm.': [
      'while (this.#create()) await this.schedule()',
      'this.#create()',
    ],
    'A setting that makes something due earlier sets no alarm.': ['()\n    await this.#state.schedule()\n  ', '()\n  '],
    'The search for orphans is not due.': ['[orphansAt(storage) ?? null, markerDueAt(storage', '[markerDueAt(storage'],
    'The removal of a sandbox that is not used is not due.': ['?? null, removalAt(storage, settings)]', '?? null]'],
    'A call leaves what is due to the alarm.': ['tables.updateSessions.catchUp()\n  if (operation', 'if (operation'],
    'What is due to be DONE expires before that.': [
      `for (const session of this.#select('settles_at <= ?', this.database.now))
      this.#apply(session, { type: 'settle' }, session.settlesAt ?? this.database.now)
    for (const session of this.#select('expires_at <= ?', this.database.now))
      this.#apply(session, { type: 'expire' }, this.database.now)`,
      `for (const session of this.#select('expires_at <= ?', this.database.now))
      this.#apply(session, { type: 'expire' }, this.database.now)
    for (const session of this.#select('settles_at <= ?', this.database.now))
      this.#apply(session, { type: 'settle' }, session.settlesAt ?? this.database.now)`,
    ],
    'A completion ends at the moment at which that is found out.': ['session.settlesAt ?? this.', 'this.'],
    'One order that does not arrive breaks the alarm off.': ['Promise.allSettled(orders.map', 'Promise.all(orders.map'],
    'A pull is not begun before its order is sent.': [
      `{ type: 'begin', transferId: key })
  if (!begun.ok) return fail(failures.uploadGone())
  tables`,
      `file.sourceType === 'PULL' ? { type: 'progress', transferId: key, bytesTransferred: 0 } : { type: 'begin', transferId: key })
  if (!begun.ok && file.sourceType !== 'PULL') return fail(failures.uploadGone())
  tables`,
    ],
    'The end of a lease is not due.': ['byRealClock: [lease, purge, pull]', 'byRealClock: [purge, pull]'],
    'The end of a login is due from its last access on.': [
      'access === null ? null : access + settings.apiSessionIdleMs',
      'access',
    ],
    'What nothing holds any more is not due.': ['byRealClock: [lease, purge, pull]', 'byRealClock: [lease, pull]'],
    'Content is forgotten before the bucket has deleted it.': [
      `await Promise.all(released.map(({ key }) => deleteParts(parts, key)))
    unlessRemoved(() => contents.purged(released))`,
      `unlessRemoved(() => contents.purged(released))
    await Promise.all(released.map(({ key }) => deleteParts(parts, key)))`,
    ],
    'The next search for orphans is planned when this one has succeeded.': [
      `planOrphans(storage, now + everyMs)
  try {
    const isUnknown = (key: string) => !contents.isKnown(key)
    await deleteContent(stores, () => exists(storage), isUnknown)`,
      `try {
    const isUnknown = (key: string) => !contents.isKnown(key)
    await deleteContent(stores, () => exists(storage), isUnknown)
    planOrphans(storage, now + everyMs)`,
    ],
    'Disuse is measured by a clock that can be moved.': [
      'if (removalAt(storage, this.#state.settings) <= Date.now())',
      'if (removalAt(storage, this.#state.settings) <= this.#state.tables().now)',
    ],
    'Use is noted by a clock that can be moved.': ['settings, known, Date.now()', 'settings, known, this.tables().now'],
    'The use of a sandbox with a short life is noted to a minute.': ['Math.min(60_000, sandboxIdleMs / 10)', '60_000'],
    'A change is no transaction.': ['return this.#storage.transactionSync(run)', 'return run()'],
    'What was known in a call that failed is still known.': ['{\n      this.forget()\n      throw ', '{\n      throw '],
    'What falls due on the way of a clock that is moved waits for the alarm.': [
      'keepRunning(read(before, realNow), realNow))\n    await this.alarm()',
      'keepRunning(read(before, realNow), realNow))\n    await this.#state.schedule()',
    ],
  }),
  ...killedBy('test/rules/deadlines.test.ts', {
    'What clients wait for is due by the real clock.': ['bySandboxClock) - read(clock, now)', 'bySandboxClock) - now'],
    'The alarm is set for a moment that has passed.': [
      'Math.max(now, Math.min(reachedAt, earliest(byRealClock)))',
      'Math.min(reachedAt, earliest(byRealClock))',
    ],
  }),
  ...killedBy('test/bindings/rest/client-forms.test.ts', {
    'The client token of an item outlives it.':
      'CREATE TRIGGER item_ends AFTER DELETE ON item BEGIN DELETE FROM replay WHERE id = old.id; END;',
    'The client token of a library outlives it.':
      'CREATE TRIGGER library_ends AFTER DELETE ON library BEGIN DELETE FROM replay WHERE id = old.id; END;',
  }),
  ...killedBy('test/sandbox/time.test.ts', {
    'What a client token has made is forgotten, and the token is not.':
      'CREATE TRIGGER update_session_ends AFTER DELETE ON update_session BEGIN DELETE FROM replay WHERE id = old.id; END;',
    'The alarm leaves what is due to the calls.': ['updateSessions.catchUp()\n      tables.apiSessions', 'apiSessions'],
    'The end of a session is not due.': ['bySandboxClock: [dueAt, access', 'bySandboxClock: [access'],
    'The clock of a sandbox that was out of memory is the real one.': ['{ offsetMs: row.offset_ms,', '{ offsetMs: 0,'],
  }),
  ...killedBy('test/content/pull.test.ts', {
    'A pull that waits for others is due at once.': [
      `
               AND (SELECT COUNT(*) FROM update_file WHERE pull_from = 0) < \${PULLS_LIMIT}) AS pull\``,
      ') AS pull`',
    ],
    'A pull that is to begin is not due.': ['byRealClock: [lease, purge, pull]', 'byRealClock: [lease, purge]'],
  }),
  ...killedBy('test/content/purge.test.ts', {
    'The leases of writers go by a clock that can be moved.': ['.real = real\n', '.real = read(known.clock, real)\n'],
    'A reset forgets which content is in the bucket.': ["= ['clock', 'content', 'held']", "= ['clock', 'held']"],
    'A reset leaves the content in the bucket.': "sql.exec('UPDATE content SET purge_at = ?', now)",
  }),

  // The marker that lists a sandbox.
  ...killedBy('test/sandbox/markers.test.ts', {
    'A marker that the bucket refused is taken for written.': 'next = { ...marker, dueAt: now + RETRY_MS }',
    'A marker waits for the alarm that was set before.': [', markerDueAt(storage) ?? null, removalAt(', ', removalAt('],
    'A marker is written for a sandbox that was removed meanwhile.': ['if (!exists(storage) || (', 'if (('],
    'Two alarms write the marker at the same time.': ['this.#markerWrite ??=', 'this.#markerWrite ='],
    'A removal does not wait for the marker that is being written.': ['await this.#markerWrite\n      if', 'if'],
    'A removal deletes the marker of the sandbox that was created meanwhile.': [
      'if (isRemoved(storage)) await deleteMarkers(',
      'await deleteMarkers(',
    ],
    'A sandbox is forgotten before its marker is deleted.': ['storage) || hasMarker(storage))', 'storage))'],
    'The marker of a removed sandbox is noted as that of the next.': [
      'if (markerIn(storage)?.key === key) storage.kv.put(MARKER, next)',
      'storage.kv.put(MARKER, next)',
    ],
    'The marker of the next sandbox is forgotten with that of a removed one.': [
      'if (markerIn(storage)?.key === marker.key) storage.kv.delete(MARKER)',
      'storage.kv.delete(MARKER)',
    ],
    'A removed sandbox does not know its marker.': ['if (key !== MARKER) kv.delete(key)', 'kv.delete(key)'],
    'A new sandbox does not know the marker of a removed one.': [
      'earlier ? [...earlier.earlierKeys, earlier.key].slice(-EARLIER_LIMIT) : []',
      '[]',
    ],
    'A sandbox remembers more markers than one call deletes.': '.slice(-EARLIER_LIMIT)',
    'Two sandboxes of one name have one marker.': [
      'Math.max(now, earlier ? readMarkerKey(earlier.key).createdAt + 1 : 0)',
      'now',
    ],
  }),

  // What is kept in memory, and what is told.
  ...killedBy('test/sandbox/memory.test.ts', {
    'The settings that a test has set hold after a reset.': [
      'this.#state.renewSettings()\n      insertFirstContent',
      'insertFirstContent',
    ],
    'The last access of a login is stored to the minute.': ['const TOUCH_MS = 1000', 'const TOUCH_MS = 60_000'],
    'A clock that is moved is known as it was.': ['this.#state.forget()\n    storage.', 'storage.'],
    'What was known is known after a reset.': ['.forget()\n    this.#state.transactAtOnce', '.transactAtOnce'],
    'That a sandbox has no faults is known for ever.': 'this.database.known.hasFaults = true',
    'With one fault all are gone.': ['.known.hasFaults = this.list().length > 0', '.known.hasFaults = false'],
    'The faults of a sandbox that was out of memory are not known.': ['row.has_faults === 1', 'false'],
    'An API session that was used is known as it was before.': ['      this.#known.delete(token)\n    }', '    }'],
    'An API session that has expired is still known.': ['this.#known.clear()\n    this.database', 'this.database'],
    'Requests that waited are in the journal after a reset.': ['this.#state.journal.forget()\n    if (!', 'if (!'],
    'A login is saved before it has run.': [
      'return { token, user, createdAt: this.database.now, lastAccessedAt: this.database.now }',
      `const begun = { token, user, createdAt: this.database.now, lastAccessedAt: this.database.now }
    this.insert(begun)
    return begun`,
    ],
    'Entries of the journal that do not travel at once wait for ever.':
      'if (this.#waiting.length > 0) this.#flushSoon()',
    'The journal is written once.': 'this.#isFlushPlanned = false',
    'The journal is written in one turn, however much waits.': ['const AT_ONCE = 20', 'const AT_ONCE = 2000'],
    'The journal is read as far as it has been written.': 'while (this.#waiting.length > 0) this.#flush()',
    'The journal of a sandbox that is not there is written.': ['if (!first || !exists(this.#storage))', 'if (!first)'],
  }),
  ...killedBy('test/bindings/logins.test.ts', {
    'An API session that has ended is still known.': ['this.#known.delete(token)\n    this.database', 'this.database'],
  }),
  ...killedBy(['test/sandbox/time.test.ts', 'test/sandbox/alarm.test.ts'], {
    'The clock of a sandbox that was out of memory does not stand still.':
      '...(row.frozen_at !== null && { frozenAt: row.frozen_at })',
  }),
  ...killedBy('test/admin/view.test.ts', {
    'What a transaction changes is not shown before something else changes.': [
      'this.#changes += 1\n    await (this.#scheduledAt',
      'await (this.#scheduledAt',
    ],
    'A request is not shown before something else changes.': [', outcome)\n    this.#changes += 1', ', outcome)'],
    'A sandbox that is removed is shown until something else changes.': ['()\n    this.#changes += 1', '()'],
    'An instance of a sandbox gives versions that an earlier one gave.': ['= crypto.randomUUID()', "= 'one'"],
  }),
  ...killedBy('test/admin/provider-states.test.ts', {
    'The teardown that is taken is the oldest of its name.': ['teardowns.findLastIndex(', 'teardowns.findIndex('],
  }),

  // Bytes: who reads, who writes, who is told twice.
  ...killedBy('test/rules/file.test.ts', {
    'A new transfer does not replace the one under way.': ['{\n    begin: beginTransfer,', '{'],
  }),
  ...killedBy('test/content/repeated-steps.test.ts', {
    'A transfer that stalls keeps its session alive.': ['=== bytesTransferred', '> bytesTransferred'],
    'What becomes of bytes is asked of the rules.': ['const isHeld = contents.isHeld(key)', 'const isHeld = ended.ok'],
    'Bytes that were held before are deleted.': ['ended), isHeld }', 'ended), isHeld: isHeld && ended.ok }'],
    'A session releases its content before the item holds it.': [
      `if (session && publish) itemFiles.publish(session.libraryItemId, publish, this.database.now)
    files.save(before.id, before.files, session?.files ?? [], session !== null && isOpen(session))
    contents.release(release)`,
      `files.save(before.id, before.files, session?.files ?? [], session !== null && isOpen(session))
    contents.release(release)
    if (session && publish) itemFiles.publish(session.libraryItemId, publish, this.database.now)`,
    ],
    'A pull that is ordered again begins anew.': 'if (storage.kv.get(ORDER) !== undefined) return',
    'A pull that is over and rings once more has no order, and fails.': 'if (!order) return',
    'A pull forgets its order before its end is told.': [
      'const ended = await tell(plan.leaseMs, () => sandbox().endTransfer(plan.key, ending))',
      `await this.ctx.storage.deleteAll()
    const ended = await tell(plan.leaseMs, () => sandbox().endTransfer(plan.key, ending))`,
    ],
    'The second run of a pull deletes what the first has brought.': ['), plan.key, ', '), plan.key, !wasKilled && '],
  }),
  ...killedBy('test/content/receive.test.ts', {
    'A bucket that will not delete fails the transfer.': [
      "console.error('R2 would not delete; the purge or the search for orphans will', error)",
      'throw error',
    ],
    'A body is read on while the bucket takes nothing.': ['await written\n      const part', 'const part'],
    'The sandbox is told once.': 'this.#timer = setTimeout(() => this.#report(), waitMs)',
    'The sandbox is told when the transfer is over.': ['releaseMemory(watch)\n    watch.end()', 'releaseMemory(watch)'],
    'A read that waits is not ended by a leave.': 'this.#reject(this.#left)',
    'A read after a leave goes on.': ['if (this.#left) reject(this.#left)\n    else this', 'this'],
    'What is left of a body is read while another read waits.': 'await this.#pending',
    'A body that breaks while it is read away fails.': ['} catch {\n      // The client has gone.\n    } ', '} '],
    'A silent client is waited for as long as any.': ['- heardAt < idleMs && Date.now() - startedAt', '- startedAt'],
    'A slow client is waited for without an end.': ['< idleMs && Date.now() - startedAt < durationMs)', '< idleMs)'],
  }),
  ...killedBy('test/rules/update-session.test.ts', {
    'What a session holds after an event is released, and not what it has lost.': [
      'release: heldBy(session).filter((key) => !held.has(key)),',
      'release: [...held],',
    ],
  }),
  ...killedBy('test/sandbox/limit.test.ts', {
    'A transfer begins though the store is full to the last byte.': ['Math.max(1, lengthBytes)', 'lengthBytes'],
    'A seeded session has content for which there is no room.':
      'if (!hasRoom(roomIn(tables), file, whole.bytes.byteLength)) return fail(unavailableBecause(storeFull()))',
  }),

  // Requests and their answers.
  ...killedBy(['test/admin/unauthenticated.test.ts', 'test/admin/faults.test.ts'], {
    'A fault is met only by those who are logged in.': [
      'if (!injectedFailure) return { ...run(call, tables), fault }',
      `const ran = run(call, tables)
  if (!injectedFailure || !ran.isAuthenticated) return { ...ran, fault }`,
    ],
  }),
  ...killedBy('test/admin/unauthenticated.test.ts', {
    'A body is read before it is known who sends it.': [
      `if (!caller.ok) return caller
  const { sandbox, ...who } = caller.value
  const input = await read()`,
      `const input = await read()
  if (!caller.ok) return caller
  const { sandbox, ...who } = caller.value`,
    ],
    'A dead token of the sandbox proves something.': ['isAuthenticated: proof !== undefined', 'isAuthenticated: true'],
  }),
  ...killedBy('test/rules/request-record.test.ts', {
    'Secrets stay in what a binding needs to render an answer.': [
      'facts: withoutSecrets(isAuthenticated ? facts : { ...facts, said: undefined }) as Facts',
      'facts: isAuthenticated ? facts : { ...facts, said: undefined }',
    ],
  }),
  ...killedBy('test/rules/settings.test.ts', {
    'The settings of the first environment hold for all.': [
      'readBefore.get(env) ?? readAnew(env)\n  readBefore.set(env, result)',
      'readBefore.get(readBefore) ?? readAnew(env)\n  readBefore.set(readBefore, result)',
    ],
  }),
  ...killedBy('test/admin/journal-answers.test.ts', {
    'What was known only after an answer does not replace what was told with it.': [
      'ON CONFLICT (id) DO UPDATE SET entry = excluded.entry',
      'ON CONFLICT (id) DO NOTHING',
    ],
    'An operation whose answer takes the outside world is told of without it.': ['= !operation.afterwards,', '= true,'],
  }),
  ...killedBy('test/http/answer.test.ts', {
    'The body of a request has a new reader each time.': 'const known = bodies.get(request)\n  if (known) return known',
    'An answer begins when its client has sent all.': [
      'await writer.write(text.subarray(0, -1))\n    await readAway(request)',
      'await readAway(request)\n    await writer.write(text.subarray(0, -1))',
    ],
    'An answer ends while its client still sends.': [
      'await readAway(request)\n    await writer.write(text.subarray(-1))\n    await writer.close()',
      'await writer.write(text.subarray(-1))\n    await writer.close()\n    await readAway(request)',
    ],
    'An answer without a body comes while its client still sends.': ['await readAway(request)\n    return', 'return'],
    'A client that has gone fails what is done after its answer.': ['send().catch(() => undefined))', 'send())'],
    'An answer that breaks off is not kept back until its request is read.':
      'if (!isMidUpload) await readAway(c.req.raw)',
    'The answer that a fault breaks off fails where its client has gone.': [
      'send().catch(() => undefined) // the client has gone meanwhile',
      'void send()',
    ],
  }),
  ...killedBy('test/http/login-limit.test.ts', {
    'Logins with a wrong password are not counted.': [
      'if ((await limiter.limit({ key: address })).success) return true',
      'return true',
    ],
  }),
  ...killedBy(['test/bindings/rest/legacy.test.ts', 'test/bindings/lifecycle.test.ts'], {
    'A path with a parameter comes before one that is spelled out.': [
      'const literal = at.next.get(segment)',
      'const literal = at.next.has(FIELD) ? undefined : at.next.get(segment)',
    ],
  }),

  // What provider states make, and its removal.
  ...killedBy('test/admin/teardown.test.ts', {
    'What the states made is removed in the order in which it was made.': [
      'stage.made.splice(0).toReversed()',
      'stage.made.splice(0)',
    ],
    'What has gone already keeps the rest from being removed.': ['stage, made).catch(() => undefined)', 'stage, made)'],
    'An item is removed before its sessions.': [
      `await onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete)
  await items.delete(id)`,
      `await items.delete(id)
  await onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete)`,
    ],
    'A session that can be cancelled no more keeps its item.': ['  Promise.allSettled((await', '  Promise.all((await'],
  }),
  ...killedBy('test/admin/written-states.test.ts', {
    'The login of a setup is the first to go.': [
      `stage.made.push({ what: 'API session', token: stage.client.token })
  try {
    const values = await setUp(stage, asked)`,
      `try {
    const values = await setUp(stage, asked).finally(() =>
      stage.made.push({ what: 'API session', token: stage.client.token }),
    )`,
    ],
  }),
  ...killedBy('test/admin/sessions.test.ts', {
    'A seeded session that is refused stays.': 'removeSeeded(tables, begun.value)',
    'The item of a seeded session that is refused stays.': 'if (itemId !== undefined) items.remove(itemId)',
    'A seeded session is there whose content did not arrive.': 'if (!filled.ok) return filled',
  }),

  // The start of a mock and its end, which only a process shows.
  ...killedBy('test/node/start.test.ts', {
    'A mock ends when it writes and nothing reads.': "process.stderr.on('error', () => undefined)",
    'A start in the background outlives the process that waits for it.':
      "if (isChild) process.once('disconnect', endAlone)",
    'A port is not tried before the worker is started.': 'await tryListening(port, address)',
    'A folder that another has made meanwhile cannot be used.': ['if (!found?.isDirectory()) throw', 'throw'],
    'A second stop is over before the mock is.': ['const stop = () => (ended ??= end())', 'const stop = () => end()'],
    'A process that ends by itself leaves its certificate.': "process.once('exit', remove)",
    'A mock that was stopped is still told of the end of the process.': "process.off('exit', remove)",
    'A stop leaves its certificate.': 'undo.push(folder.remove)',

    'Who waits for the output of a start in the background waits for the end of the mock.': [
      "'ignore', 'ignore'",
      "'ignore', 'inherit'",
    ],
    'A certificate is good by the clock of the test alone.': ['), mtimeMs], [...names,', ')], [...names,'],
    'A certificate is good by the clock of the machine alone.': ['[Date.now(), mtimeMs],', '[mtimeMs],'],
    'A place where no state can be kept is told by a code alone.': [
      "throw error instanceof Error && 'code' in error ? new Unusable(whyNoState(directory, error)) : error",
      'throw error',
    ],
    'The runtime outlives a process that is killed.': ['{ read -r _ <&4; kill -9 $$; } >/dev/null 2>&1 3>&- &', 'true'],
    'A runtime that has crashed stays down.': 'restart().catch((error: unknown) => isStopped || tell(String(error)))',
    'Servers of two containers use one state.': [' : await isAnswered(path)', ' : false'],
    'A state that is gone is written on.': 'if (!isGone) onGone(path)',
    'What a killed start has left stays.': 'await removeDead(parent, PREFIX)',
    'A start that has failed leaves its runtime.': 'await stop().catch(() => undefined)',
  }),
  ...killedBy('test/node/process/hostile-environment.test.ts', {
    'What is above a folder for state is not made.': 'await makeDirectory(dirname(path))',
    'A runtime that says nothing is waited for for ever.': ['= setTimeout(() => fail(', '= setTimeout(() => String('],
    'What a runtime has written before its end is not told.': ["process.once('close', (", "process.once('exit', ("],
  }),
  ...killedBy('test/node/state.test.ts', {
    'Two servers use one state.': ['? startedAt === (await startOf(Number(pid)))', '? startedAt === undefined'],
    'A state that gave its place to another is written on.': [
      '(await numberOf(path).catch(() => undefined)) === number)',
      'await numberOf(path).catch(() => undefined))',
    ],
    'What a start has left that was killed while it claimed a state stays.': 'await removeDead(path, CLAIM)',
    'A state that cannot be used stays claimed.': 'await close?.()',
    'A server that starts deletes what another one has just claimed.': [
      'await rm(join(owner, name), { force: true })',
      'await rm(owner, { recursive: true, force: true })',
    ],
  }),

  // A run of Pact's verifier.
  ...killedBy('test/contract/verify.provider.test.ts', {
    'A provider that cannot be reached is left to the verifier.': [
      'throw new Error(`There is no logging in',
      'if (error) return undefined as never\n    throw new Error(`There is no logging in',
    ],
    'A run that breaks off leaves its login.': 'await stage.client.logout().catch(() => undefined)',
    'A state that fails is tried again for two minutes.': ['answer(400, { reason:', 'answer(500, { reason:'],
  }),
]
