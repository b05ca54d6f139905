// One mutant for each line whose comment explains an order, a race, a second look or a second run.
import { killedBy } from './mutant.ts'

export const mutants = [
  ...killedBy('test/sandbox/going.test.ts', {
    'A login to a sandbox that is removed at the same moment is refused.': '[-while-]{+if+} (this.#create',
    'The purge writes into a sandbox that has been removed meanwhile.': '[-exists(storage) && -]storage.',
    'A sandbox that was removed while it ordered pulls is asked for its content.':
      '[-if (!exists(storage)) return\n    -]const { contents }',
    'The orphan search looks into a sandbox that was removed.': '[-exists(storage) && -]contents.',
    'A sandbox that was removed while it purged looks for orphans.': '[-if (!exists(storage)) return\n  -]const',
    'The alarm is set in a sandbox that has been removed meanwhile.':
      'const known = this.know()[-\n    if (!known) return-]{+ ?? readKnown(storage)+}\n    const at',
    'A sandbox forgets its content before it is deleted.':
      '[-if (exists(storage)) removeRows(storage, Date.now()-]{+await storage.deleteAll(+})',
    'A sandbox that could not delete its content does not try again.':
      'await state.setAlarm(Date.now() + REMOVAL_RETRY_MS)',
    'A sandbox is forgotten while a transfer may still write.':
      'if (writtenUntil > Date.now()) return state.setAlarm(writtenUntil)',
    'A removal deletes the content of the sandbox that was created meanwhile, and a search looks on in one that was removed.': `parts.list(prefix)) {[-
    if (!isAsBefore()) return-]`,
    'Requests that waited when the sandbox was removed are in the journal of the next.': `[-this.#state.journal.forget()
    -]const { storage } = this.ctx
    if (exists(storage) || isRemoved(storage))`,
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
    'Any alarm that is set is early enough.': '[-(scheduledAt !== null && scheduledAt <= at)-]{+scheduledAt !== null+}',
    'A call puts off the alarm that is set.': '([-await storage.getAlarm()-]{+(await storage.getAlarm()) && null+})',
    'The moments are read before the alarm is asked for.': `const [-scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, known)-]{+known = this.know()
    if (!known) return
    const moments = allMomentsOf(storage, known)
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const at = nextAlarm(moments+}, known.clock, scheduledAt, Date.now())`,
    'The clock is read before the alarm is asked for.': `const [-scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, known), known.-]{+clock = this.know()?.clock
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.know()
    if (!known || !clock) return
    const at = nextAlarm(allMomentsOf(storage, known), +}clock, scheduledAt, Date.now())`,
    'A transaction that wrote sets no alarm.':
      ': [-this.setAlarm(nextAlarm(moments, known.clock, this.#scheduledAt, Date.now()))-]{+undefined+})',
    'A transaction that wrote sets no alarm where it is not known which one is set.':
      '? [-this.schedule()-]{+undefined+}',
    'An alarm that rings while it is asked for is taken for set.': `[-await this.setAlarm(at ?? scheduledAt ?? undefined-]{+this.#scheduledAt ??= scheduledAt ?? undefined
    await this.setAlarm(at+})`,
    'An alarm that has rung is taken for set.': '} = this.ctx\n[-    this.#state.forgetAlarm()\n-]',
    'No write is known to have written.': 'this.hasWritten = true',
    'A write of what the alarm waits for leaves it where it is.': 'this.hasMoved = true',
    'A session that is created is not due.': 'this.#[-noteDue(session)\n    this.#-]others.files.',
    'A session that changes is due when it was before.': '      this.#noteDue(after)\n',
    'A completion is due when its session expires.': 'expiresAt[-, settlesAt-])',
    'A completion that was cancelled is due all the same.':
      'const [-{ settlesAt: _, ...session }-]{+session+} = before\n  return {',
    'A completion that is read from storage is due when its session expires.':
      'MIN([-MIN(expires_at, IFNULL(settles_at, expires_at))-]{+expires_at+})',
    'After one session has expired, none is due.': '= [-dueAt(this.database.sql)-]{+Infinity+}\n',
    'What was due stays due for ever.': 'this.database.known.dueAt = dueAt(this.database.sql)',
    'A call catches up with what is not due yet.': '(this.database.known.dueAt [->-]{+<+} ',
    'A new sandbox whose first call is refused has no alarm.':
      '[-while (this.#create()) await this.schedule-]{+this.#create+}()',
    'A setting that makes something due earlier sets no alarm.': '}[- else await this.#state.schedule()-]\n    return',
    'The search for orphans is not due.': '[[-orphansAt(storage) ?? null, -]markerIn(',
    'The removal of a sandbox that is not used is not due.': '?? null[-, removalAt(storage, known.settings)-]]',
    'A call leaves what is due to the alarm.': '[-tables.updateSessions.catchUp()\n      -]const result',
    'What is due to be DONE expires before that.': `for (const session of this.#select('[-settles_at <= ?', this.database.now))
      this.#apply(session, { type: 'settle' }, session.settlesAt ?? this.database.now)
    for (const session of this.#select('expires_at <= ?', this.database.now))
      this.#apply(session, { type: 'expire' },-]{+expires_at <= ?', this.database.now))
      this.#apply(session, { type: 'expire' }, this.database.now)
    for (const session of this.#select('settles_at <= ?', this.database.now))
      this.#apply(session, { type: 'settle' }, session.settlesAt ??+} this.database.now)`,
    'A completion ends at the moment at which that is found out.': '[-session.settlesAt ?? -]this.',
    'One order that does not arrive breaks the alarm off.': 'Promise.[-allSettled-]{+all+}(orders.map',
    'A pull is not begun before its order is sent.': [
      `{ type: 'begin', transferId: key })
  if (!begun.ok) return fail(failures.uploadGone())
  tables`,
      `file.sourceType === 'PULL' ? { type: 'progress', transferId: key, bytesTransferred: 0 } : { type: 'begin', transferId: key })
  if (!begun.ok && file.sourceType !== 'PULL') return fail(failures.uploadGone())
  tables`,
    ],
    'The end of a lease is not due.': 'byRealClock: [[-lease, -]purge, pull]',
    'The end of a login is due from its last access on.':
      'access[- === null ? null : access + settings.apiSessionIdleMs-]',
    'What nothing holds any more is not due.': 'byRealClock: [lease, [-purge, pull-]{+pull+}]',
    'Content is forgotten before the bucket has deleted it.': `[-await Promise.all(released.map(({ key }) => deleteParts(parts, key)))
    unlessRemoved(() => contents.purged(released-]{+unlessRemoved(() => contents.purged(released))
    await Promise.all(released.map(({ key }) => deleteParts(parts, key)+}))`,
    'The next search for orphans is planned when this one has succeeded.': `[-planOrphans(storage, now + everyMs)
  try {
    const isUnknown = (key: string) => !contents.isKnown(key)
    await deleteContent(stores, () => exists(storage), isUnknown-]{+try {
    const isUnknown = (key: string) => !contents.isKnown(key)
    await deleteContent(stores, () => exists(storage), isUnknown)
    planOrphans(storage, now + everyMs+})`,
    'Disuse is measured by a clock that can be moved.':
      'if (removalAt(storage, this.#state.settings) <= [-Date.now()-]{+this.#state.tables().now+})',
    'Use is noted by a clock that can be moved.': '(storage, known, [-Date.now()-]{+this.tables().now+})',
    'The use of a sandbox with a short life is noted to a minute.':
      '[-Math.min(60_000, known.settings.sandboxIdleMs / 10)-]{+60_000+}',
    'A change is no transaction.': 'return [-this.#storage.transactionSync(run-]{+run(+})',
    'What was known in a call that failed is still known.': '{\n      [-this.forget()\n      throw-]{+throw+} ',
    'What falls due on the way of a clock that is moved waits for the alarm.':
      'keepRunning(leaptFrom, realNow))\n      await this.[-alarm-]{+#state.schedule+}()',
  }),
  ...killedBy('test/rules/deadlines.test.ts', {
    'What clients wait for is due by the real clock.': 'bySandboxClock) - [-read(clock, now)-]{+now+}',
    'The alarm is set for a moment that has passed.':
      'Math.[-max(now, Math.min(reachedAt, earliest(byRealClock)-]{+min(reachedAt, earliest(byRealClock+}))',
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
    'The alarm leaves what is due to the calls.': '[-updateSessions.catchUp()\n      tables.-]apiSessions',
    'The end of a session is not due.': 'bySandboxClock: [[-dueAt, -]access',
    'The clock of a sandbox that was out of memory is the real one.': 'clock: [-steering.clock-]{+{ offsetMs: 0 }+},',
  }),
  ...killedBy('test/content/pull.test.ts', {
    'A pull that waits for others is due at once.':
      '[-\n               AND (SELECT COUNT(*) FROM update_file WHERE pull_from = 0) < ${PULLS_LIMIT}-]) AS pull`',
    'A pull that is to begin is not due.': 'byRealClock: [lease, purge[-, pull-]]',
  }),
  ...killedBy('test/content/purge.test.ts', {
    'The leases of writers go by a clock that can be moved.': '.real = [-real-]{+read(known.clock, real)+}\n',
    'A reset forgets which content is in the bucket.': "= ['[-content', '-]held']",
    'A reset leaves the content in the bucket.': "sql.exec('UPDATE content SET purge_at = ?', now)",
  }),

  // The marker that lists a sandbox.
  ...killedBy('test/sandbox/markers.test.ts', {
    'A marker that the bucket refused is taken for written.': 'next = { ...marker, dueAt: now + RETRY_MS }',
    'A marker waits for the alarm that was set before.': ', [-markerIn(storage)?.dueAt ?? null, -]removalAt(',
    'A marker is written for a sandbox that was removed meanwhile.': 'if ([-!exists(storage) || -]marker?.',
    'Two alarms write the marker at the same time.': 'this.#markerWrite [-??-]=',
    'A removal does not wait for the marker that is being written.': '[-await markerWrite()\n    -]if',
    'A removal deletes the marker of the sandbox that was created meanwhile.':
      '[-if (isRemoved(storage)) -]await deleteMarkers(',
    'A sandbox is forgotten before its marker is deleted.': 'isRemoved(storage)[- && !markerIn(storage)-]',
    'The marker of a removed sandbox is noted as that of the next.':
      '[-if (markerIn(storage)?.key === key) -]storage.kv.put(MARKER, next)',
    'The marker of the next sandbox is forgotten with that of a removed one.':
      '[-if (markerIn(storage)?.key === marker.key) -]storage.kv.delete(MARKER)',
    'A removed sandbox does not know its marker.': '[-if (key !== MARKER) -]kv.delete(key)',
    'A new sandbox does not know the marker of a removed one.':
      '[-earlier ? [...earlier.earlierKeys, earlier.key].slice(-EARLIER_LIMIT) : -][]',
    'A sandbox remembers more markers than one call deletes.': '.slice(-EARLIER_LIMIT)',
    'Two sandboxes of one name have one marker.':
      '[-Math.max(now, earlier ? readMarkerKey(earlier.key).createdAt + 1 : 0)-]{+now+}',
  }),

  // What is kept in memory, and what is told.
  ...killedBy('test/sandbox/memory.test.ts', {
    'What a test has set stays after a reset.': 'dropSteering(storage)\n',
    'The last access of a login is stored to the minute.': 'const TOUCH_MS = [-1000-]{+60_000+}',
    'The last access of a login with a short life is stored to the second.':
      '[-Math.min(TOUCH_MS, settings.apiSessionIdleMs / 10)-]{+TOUCH_MS+}',
    'A clock that is moved is known as it was.': '[-this.#state.forget()\n    -]if (clock)',
    'What is known of a removed sandbox is known of the next.': 'state.stop()[-\n  state.forget()-]',
    'What was known is known after a reset.': '[-forget-]{+noteChange+}()\n    this.#state.journal.forget()\n    if (!',
    'A fault that is added is not known.':
      'this.database.known.faults = at === -1 ? [...others, fault] : others.with(at, fault)',
    'With one fault all are gone.': '[-this.list().filter(({ id }) => !remove.includes(id))-]{+[]+}',
    'The faults of a sandbox that was out of memory are not known.':
      'SELECT fault FROM fault [-ORDER BY seq-]{+LIMIT 0+}',
    'An API session that was used is known as it was before.': '    [-  this.#known.delete(token)\n    -]}',
    'What was known only after an answer does not replace what was told with it.':
      'ON CONFLICT (id) DO [-UPDATE SET entry = excluded.entry-]{+NOTHING+}',
    'An API session that has expired is still known.': 'this.[-#known.clear()\n    this.-]database',
    'Requests that waited are in the journal after a reset.': '[-this.#state.journal.forget()\n    -]if (!',
    'A login is saved before it has run.':
      '{+if (begun) tables.apiSessions.insert(begun)\n  +}const session = begun || tables',
    'Entries of the journal that do not travel at once wait for ever.':
      'if (this.#waiting.length > 0) this.#flushSoon()',
    'The journal is written once.': 'this.#isFlushPlanned = false',
    'The journal is written in one turn, however much waits.': 'const AT_ONCE = [-20-]{+2000+}',
    'The journal is read as far as it has been written.': 'while (this.#waiting.length > 0) this.#flush()',
    'The journal of a sandbox that is not there is written.': 'if (!first[- || !exists(this.#storage)-])',
  }),
  ...killedBy('test/bindings/logins.test.ts', {
    'An API session that has ended is still known.': 'this.[-#known.delete(token)\n    this.-]database',
  }),
  ...killedBy(['test/sandbox/time.test.ts', 'test/sandbox/alarm.test.ts'], {
    'The clock of a sandbox that was out of memory does not stand still.':
      'clock: [-steering.clock-]{+{ offsetMs: steering.clock.offsetMs }+},',
  }),
  ...killedBy('test/admin/view.test.ts', {
    'What a transaction changes is not shown before something else changes.':
      '[-this.#changes += 1\n    -]await (this.#scheduledAt',
    'A request is not shown before something else changes.': ', answer)[-\n      this.#changes += 1-]',
    'A sandbox that is removed is shown until something else changes.':
      'this.#known = undefined[-\n    this.#changes += 1-]',
    'An instance of a sandbox gives versions that an earlier one gave.': "= [-crypto.randomUUID()-]{+'one'+}",
  }),
  ...killedBy('test/admin/provider-states.test.ts', {
    'The teardown that is taken is the oldest of its name.': 'teardowns.[-findLast-]{+find+}(',
    'A session that can be cancelled no more keeps its item.': '  Promise.[-allSettled-]{+all+}((await',
  }),

  // Bytes: who reads, who writes, who is told twice.
  ...killedBy('test/rules/file.test.ts', {
    'A new transfer does not replace the one under way.': '{[-\n    begin: beginTransfer,-]',
  }),
  ...killedBy('test/content/repeated-steps.test.ts', {
    'A transfer that stalls keeps its session alive.': '[-!==-]{+<=+} bytesTransferred',
    'What becomes of bytes is asked of the rules.': 'const isHeld = [-contents.isHeld(key)-]{+ended.ok+}',
    'A session releases its content before the item holds it.': [
      `const replaced = publish ? itemFiles.publish(before.libraryItemId, publish, at) : []
    files.save(before.id, before.files, after?.files ?? [], after !== null && isOpen(after))
    // Last, when the item holds what the session did.
    contents.release([...release, ...replaced])`,
      `files.save(before.id, before.files, after?.files ?? [], after !== null && isOpen(after))
    contents.release(release)
    if (publish) contents.release(itemFiles.publish(before.libraryItemId, publish, at))`,
    ],
    'A pull that is ordered again begins anew.': 'if (storage.kv.get(ORDER) !== undefined) return',
    'A pull that is over and rings once more has no order, and fails.': 'if (!order) return',
    'A pull forgets its order before its end is told.': `{+await this.ctx.storage.deleteAll()
    +}const ended = await tell(plan.leaseMs, () => sandbox().endTransfer(plan.key, ending))`,
    'The second run of a pull deletes what the first has brought.': '), plan.key, {+!wasKilled && +}',
  }),
  ...killedBy('test/content/receive.test.ts', {
    'A bucket that will not delete fails the transfer.':
      "[-console.error('R2 would not delete; the purge or the search for orphans will', error)-]{+throw error+}",
    'A body is read on while the bucket takes nothing.': '[-await written\n      -]if (!buffer)',
    'The sandbox is told once.': 'this.#timer = setTimeout(() => this.#report(), waitMs)',
    'The sandbox is told when the transfer is over.': 'releaseMemory(watch)[-\n    watch.end()-]',
    'A wait after a stop goes on.': "if (stopped ?? failed) waiting.reject(new Error('the transfer is over'))",
    'What is left of a body is read while another read waits.': 'this.#coming [-??-]= this.#read(isMemoryWanted)',
    'A body that breaks while it is read away fails.': '} [-catch {\n      // The client has gone.\n    } -]',
    'A silent client is waited for as long as any.': '- [-heardAt < idleMs && Date.now() - -]startedAt',
    'A slow client is waited for without an end.': '< idleMs[- && Date.now() - startedAt < durationMs-])',
  }),
  ...killedBy('test/rules/update-session.test.ts', {
    'What a session holds after an event is released, and not what it has lost.':
      'release: [-heldBy(session).filter((key) => !held.has(key))-]{+[...held]+},',
  }),
  ...killedBy('test/sandbox/limit.test.ts', {
    'A transfer begins though the store is full to the last byte.': '[-Math.max(1, lengthBytes)-]{+lengthBytes+}',
    'A seeded session has content for which there is no room.':
      'return hasRoom[-(roomIn(tables), found.file, whole.bytes.byteLength)-]\n',
  }),

  // Requests and their answers.
  ...killedBy(['test/admin/unauthenticated.test.ts', 'test/admin/faults.test.ts'], {
    'A fault is met only by those who are logged in.': `[-if (!failure) return { ...run(call, tables)-]{+const ran = run(call, tables)
  if (!failure || !ran.isAuthenticated) return { ...ran+}, fault }`,
  }),
  ...killedBy('test/admin/unauthenticated.test.ts', {
    'A body is read before it is known who sends it.': `[-if (!caller.ok) return caller
  const { sandbox, ...who } = caller.value
  const input = await read()-]{+const input = await read()
  if (!caller.ok) return caller
  const { sandbox, ...who } = caller.value+}`,
    'A dead token of the sandbox proves something.': 'isAuthenticated: [-proof !== undefined-]{+true+}',
  }),
  ...killedBy('test/rules/request-record.test.ts', {
    'Secrets stay in what a binding needs to render an answer.': [
      'facts: withoutSecrets(isAuthenticated ? facts : { ...facts, said: undefined }) as Facts',
      'facts: isAuthenticated ? facts : { ...facts, said: undefined }',
    ],
  }),
  ...killedBy('test/rules/settings.test.ts', {
    'The settings of the first environment hold for all.': `readBefore.get([-env) ?? readAnew(env)
  readBefore.set(env-]{+readBefore) ?? readAnew(env)
  readBefore.set(readBefore+}, result)`,
  }),
  ...killedBy('test/admin/journal-answers.test.ts', {
    'An operation whose answer takes the outside world is told of without it.': '= [-!operation.afterwards-]{+true+},',
  }),
  ...killedBy('test/http/answer.test.ts', {
    'The body of a request has a new reader each time.': 'const known = bodies.get(request)\n  if (known) return known',
    'An answer begins when its client has sent all.': `await [-writer.write(text.subarray(0, -1))
    await readAway(request-]{+readAway(request)
    await writer.write(text.subarray(0, -1)+})`,
    'An answer ends while its client still sends.': [
      'await readAway(request)\n    await writer.write(text.subarray(-1))\n    await writer.close()',
      'await writer.write(text.subarray(-1))\n    await writer.close()\n    await readAway(request)',
    ],
    'An answer without a body comes while its client still sends.': '[-await readAway(request)\n    -]return',
    'A client that has gone fails what is done after its answer.': 'send()[-.catch(() => undefined)-])',
    'An answer that breaks off is not kept back until its request is read.':
      'if (!isMidUpload) await readAway(c.req.raw)',
    'The answer that a fault breaks off fails where its client has gone.':
      '[-send().catch(() => undefined) // the client has gone meanwhile-]{+void send()+}',
  }),
  ...killedBy('test/http/login-limit.test.ts', {
    'Logins with a wrong password are not counted.':
      '[-if ((await limiter.limit({ key: address })).success) -]return true',
  }),
  ...killedBy(['test/bindings/rest/legacy.test.ts', 'test/bindings/lifecycle.test.ts'], {
    'A path with a parameter comes before one that is spelled out.':
      '.toSorted(([a], [b]) => (a < b ? [--1 : -]{+1 : -+}1))\n    .map(([path, forms])',
  }),

  // What provider states make, and its removal.
  ...killedBy('test/admin/teardown.test.ts', {
    'What the states made is removed in the order in which it was made.': 'stage.made.splice(0)[-.toReversed()-]',
    'What has gone already keeps the rest from being removed.': 'stage, made)[-.catch(() => undefined)-]',
    'An item is removed before its sessions.': `await [-onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete)
  await items.delete(id-]{+items.delete(id)
  await onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete+})`,
  }),
  ...killedBy('test/admin/written-states.test.ts', {
    'The login of a setup is the first to go.': `[-stage.made.push({ what: 'API session', token: stage.client.token })
  try {
    const values = await setUp(stage, asked-]{+try {
    const values = await setUp(stage, asked).finally(() =>
      stage.made.push({ what: 'API session', token: stage.client.token }),
    +})`,
  }),
  ...killedBy('test/admin/sessions.test.ts', {
    'A seeded session that is refused stays.': 'removeSeeded(tables, begun.value)',
    'The item of a seeded session that is refused stays.': 'if (itemId !== undefined) items.remove(itemId)',
    'A seeded session is there whose content did not arrive.': 'if (filled && !filled.ok) return filled',
  }),

  // The start of a mock and its end, which only a process shows.
  ...killedBy('test/node/start.test.ts', {
    'A mock ends when it writes and nothing reads.': "[-process.stderr.on('error', () => undefined)\n  -]const isChild",
    'A start in the background outlives the process that waits for it.':
      "if (isChild) process.once('disconnect', endAlone)",
    'A port that is taken is told in the words of the runtime.': 'await tryListening(port, address)',
    'A folder that another has made meanwhile cannot be used.': '[-if (!(await isThere())) -]throw',
    'A second stop is over before the mock is.': 'const stop = () => [-(ended ??= end()-]{+end(+})',
    'A process that ends by itself leaves its certificate.': 'kill -9 $$; [-rm -rf "$1" "$2"; -]}',
    'A stop leaves its certificate.': 'undo.push(folder.remove)',

    'Who waits for the output of a start in the background waits for the end of the mock.':
      "'ignore', '[-ignore-]{+inherit+}'",
    'A certificate is good by the clock of the test alone.': ')[-, mtimeMs-]], [...names,',
    'A certificate is good by the clock of the machine alone.': '[[-Date.now(), -]mtimeMs],',
    'The runtime outlives a process that is killed.': '|| { [-kill -9 $$; -]rm',
    'A runtime that has crashed stays down.':
      'restart().catch((error: unknown) => isStopped || tell(messageOf(error)))',
    'A state that is gone is written on.': '      onGone(path)\n',
    'What a killed start has left stays.': 'await removeDead(parent)',
    'A start that has failed leaves its runtime.': 'await stop().catch(() => undefined)',
  }),
  ...killedBy('test/node/process/hostile-environment.test.ts', {
    'What is above a folder for state is not made.': 'await makeDirectory(dirname(path))',
    'A runtime that says nothing is waited for for ever.': '= setTimeout(() => [-fail-]{+String+}(',
    'What a runtime has written before its end is not told.': "process.once('[-close-]{+exit+}', (",
  }),
  ...killedBy('test/node/state.test.ts', {
    'A place where no state can be kept is told by a code alone.':
      'throw [-codeOf(error) === String(error) ? error : new Unusable(whyNoState(directory, error))-]{+error+}',
    'Two servers use one state.': 'BEGIN[- EXCLUSIVE-]',
    'A state that gave its place to another is written on.':
      '(await numberOf(path).catch(() => undefined))[- === number-]',
    'A state that goes with a stop is told.': ' === number[- || !folders.has(path)-])',
    'A state that cannot be used stays claimed.': '    [-close?.()-]{+void 0+}',
  }),

  // A run of Pact's verifier.
  ...killedBy('test/contract/verify.provider.test.ts', {
    'A provider that cannot be reached is left to the verifier.':
      '{+if (error) return undefined as never\n    +}throw new Error(`There is no logging in',
    'A run that breaks off leaves its login.': 'await stage?.client.logout().catch(() => undefined)',
    'A state that fails is tried again for two minutes.': 'answer([-400-]{+500+}, { reason:',
  }),
]
