// One mutant for each line whose comment explains an order, a race, a second look or a second run.
import type { Mutant } from './mutant.ts'

const ALARM = ['test/sandbox/alarm.test.ts']
const GOING = ['test/sandbox/going.test.ts']
const VERSION = ['test/sandbox/version.test.ts']
const DEADLINES = ['test/rules/deadlines.test.ts']
const RULES = ['test/rules/update-session.test.ts']
const RECORD = ['test/rules/request-record.test.ts']
const MEMORY = ['test/sandbox/memory.test.ts']
const MARKERS = ['test/sandbox/markers.test.ts']
const VIEW = ['test/admin/view.test.ts']
const BODY = ['test/content/receive.test.ts']
const REPEATED = ['test/content/repeated-steps.test.ts']
const PULL = ['test/content/pull.test.ts']
const ANSWER = ['test/http/answer.test.ts']
const STATES = ['test/admin/teardown.test.ts']
const START = ['test/node/start.test.ts']
const PROVIDER = ['test/contract/verify.provider.test.ts']
const MACHINES = ['test/node/process/hostile-environment.test.ts']

/** What is due in a sandbox, and when its alarm is set. */
const alarm: Mutant[] = [
  {
    name: 'Content of another version stays if a client logs in before the alarm.',
    text: '      planOrphans(storage, Date.now())\n',
    becomes: '',
    tests: VERSION,
  },
  {
    name: 'What another version has stored stays until a client logs in.',
    text: '      void ctx.blockConcurrencyWhile(() => storage.setAlarm(Date.now()))\n',
    becomes: '',
    tests: VERSION,
  },
  {
    name: 'The journal of a sandbox does not say that another version had stored it.',
    text: '      this.#journal.note(notice)\n',
    becomes: '',
    tests: VERSION,
  },
  {
    name: 'Every request of a sandbox that another version had stored says so.',
    text: '    this.#notice = undefined\n',
    becomes: '',
    tests: VERSION,
  },
  {
    name: 'Any alarm that is set is early enough.',
    text: '(scheduledAt !== null && scheduledAt <= at)',
    becomes: 'scheduledAt !== null',
    tests: ALARM,
  },
  {
    name: 'An alarm that is set for the same moment is set again.',
    text: 'scheduledAt <= at)',
    becomes: 'scheduledAt < at)',
    tests: DEADLINES,
  },
  {
    name: 'A clock that stands still reaches what lies ahead.',
    text: 'clock.frozenAt === undefined || waitMs <= 0 ? now + waitMs : Infinity',
    becomes: 'now + waitMs',
    tests: DEADLINES,
  },
  {
    name: 'A clock that stands still has reached nothing.',
    text: 'clock.frozenAt === undefined || waitMs <= 0',
    becomes: 'clock.frozenAt === undefined',
    tests: DEADLINES,
  },
  {
    name: 'A clock that stands still has not reached the moment that it shows.',
    text: '|| waitMs <= 0',
    becomes: '|| waitMs < 0',
    tests: DEADLINES,
  },
  {
    name: 'What clients wait for is due by the real clock.',
    text: 'earliest(bySandboxClock) - read(clock, now)',
    becomes: 'earliest(bySandboxClock) - now',
    tests: DEADLINES,
  },
  {
    name: 'The alarm is set for a moment that has passed.',
    text: 'Math.max(now, Math.min(reachedAt, earliest(byRealClock)))',
    becomes: 'Math.min(reachedAt, earliest(byRealClock))',
    tests: DEADLINES,
  },
  {
    name: 'A call puts off the alarm that is set.',
    text: 'const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())',
    becomes: 'const scheduledAt = this.#scheduledAt ?? ((await storage.getAlarm()) && null)',
    tests: ALARM,
  },
  {
    name: 'The moments are read before the alarm is asked for.',
    text: `    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.#know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, this.#settings, known), known.clock, scheduledAt, Date.now())`,
    becomes: `    const known = this.#know()
    if (!known) return
    const moments = allMomentsOf(storage, this.#settings, known)
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const at = nextAlarm(moments, known.clock, scheduledAt, Date.now())`,
    tests: ALARM,
  },
  {
    name: 'The clock is read before the alarm is asked for.',
    text: `    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.#know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, this.#settings, known), known.clock, scheduledAt, Date.now())`,
    becomes: `    const clock = this.#know()?.clock
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.#know()
    if (!known || !clock) return
    const at = nextAlarm(allMomentsOf(storage, this.#settings, known), clock, scheduledAt, Date.now())`,
    tests: ALARM,
  },
  {
    name: 'A transaction that wrote sets no alarm.',
    text: '      : this.#setAlarm(nextAlarm(moments, known.clock, this.#scheduledAt, Date.now())))\n',
    becomes: '      : undefined)\n',
    tests: ALARM,
  },
  {
    name: 'A transaction that wrote sets no alarm where it is not known which one is set.',
    text: '      ? this.#schedule()\n',
    becomes: '      ? undefined\n',
    tests: ALARM,
  },
  {
    name: 'An alarm that rings while it is asked for is taken for set.',
    text: '    await this.#setAlarm(at ?? scheduledAt ?? undefined)\n',
    becomes: '    this.#scheduledAt ??= scheduledAt ?? undefined\n    await this.#setAlarm(at)\n',
    tests: ALARM,
  },
  {
    name: 'An alarm that has rung is taken for set.',
    text: `    const { storage } = this.ctx
    this.#scheduledAt = undefined
`,
    becomes: '    const { storage } = this.ctx\n',
    tests: ALARM,
  },
  {
    name: 'No write is known to have written.',
    text: '    this.hasWritten = true\n',
    becomes: '',
    tests: ALARM,
  },
  {
    name: 'A write of what the alarm waits for leaves it where it is.',
    text: '    this.hasMoved = true\n',
    becomes: '',
    tests: ALARM,
  },
  {
    name: 'The client token of an item outlives it.',
    text: '  CREATE TRIGGER item_ends AFTER DELETE ON item BEGIN DELETE FROM replay WHERE id = old.id; END;\n',
    becomes: '',
    tests: ['test/bindings/rest/client-forms.test.ts'],
  },
  {
    name: 'The client token of a library outlives it.',
    text: '  CREATE TRIGGER library_ends AFTER DELETE ON library BEGIN DELETE FROM replay WHERE id = old.id; END;\n',
    becomes: '',
    tests: ['test/bindings/rest/client-forms.test.ts'],
  },
  {
    name: 'What a client token has made is forgotten, and the token is not.',
    text: '  CREATE TRIGGER update_session_ends AFTER DELETE ON update_session BEGIN DELETE FROM replay WHERE id = old.id; END;\n',
    becomes: '',
    tests: ['test/sandbox/time.test.ts'],
  },
  {
    name: 'A session that is created is not due.',
    text: `    this.#noteDue(session)
    this.#others.files.save(session.id, [], `,
    becomes: '    this.#others.files.save(session.id, [], ',
    tests: ALARM,
  },
  {
    name: 'A session that changes is due when it was before.',
    text: `    if (session) {
      this.#noteDue(session)
`,
    becomes: '    if (session) {\n',
    tests: ALARM,
  },
  {
    name: 'A completion is due when its session expires.',
    text: 'Math.min(this.#known.dueAt, expiresAt, settlesAt)',
    becomes: 'Math.min(this.#known.dueAt, expiresAt)',
    tests: ALARM,
  },
  {
    name: 'A completion that was cancelled is due all the same.',
    text: `  const { settlesAt: _, ...session } = before
  return {`,
    becomes: `  const session = before
  return {`,
    tests: ALARM,
  },
  {
    name: 'A completion that is read from storage is due when its session expires.',
    text: 'MIN(MIN(expires_at, IFNULL(settles_at, expires_at)))',
    becomes: 'MIN(expires_at)',
    tests: ALARM,
  },
  {
    name: 'After one session has expired, none is due.',
    text: '    this.#known.dueAt = dueAt(this.#database)\n',
    becomes: '    this.#known.dueAt = Infinity\n',
    tests: ALARM,
  },
  {
    name: 'What was due stays due for ever.',
    text: '    this.#known.dueAt = dueAt(this.#database)\n',
    becomes: '',
    tests: ALARM,
  },
  {
    name: 'A call catches up with what is not due yet.',
    text: '    if (this.#known.dueAt > this.#now) return\n',
    becomes: '    if (this.#known.dueAt < this.#now) return\n',
    tests: ALARM,
  },
  {
    name: 'A new sandbox whose first call is refused has no alarm.',
    text: 'while (this.#create()) await this.#schedule()',
    becomes: 'this.#create()',
    tests: ALARM,
  },
  {
    name: 'A setting that makes something due earlier sets no alarm.',
    text: `    this.#changes += 1
    await this.#schedule()
  }`,
    becomes: `    this.#changes += 1
  }`,
    tests: ALARM,
  },
  {
    name: 'The search for orphans is not due.',
    text: '[orphansAt(storage) ?? null, markerDueAt(storage) ?? null, removalAt(storage, settings)]',
    becomes: '[markerDueAt(storage) ?? null, removalAt(storage, settings)]',
    tests: ALARM,
  },
  {
    name: 'The removal of a sandbox that is not used is not due.',
    text: '[orphansAt(storage) ?? null, markerDueAt(storage) ?? null, removalAt(storage, settings)]',
    becomes: '[orphansAt(storage) ?? null, markerDueAt(storage) ?? null]',
    tests: ALARM,
  },
  {
    name: 'A call leaves what is due to the alarm.',
    text: `  tables.updateSessions.catchUp()
  if (operation`,
    becomes: '  if (operation',
    tests: ALARM,
  },
  {
    name: 'What is due to be DONE expires before that.',
    text: `    for (const session of this.#select('settles_at <= ?', this.#now))
      this.#apply(session, { type: 'settle' }, session.settlesAt ?? this.#now)
    for (const session of this.#select('expires_at <= ?', this.#now))
      this.#apply(session, { type: 'expire' }, this.#now)
    this`,
    becomes: `    for (const session of this.#select('expires_at <= ?', this.#now))
      this.#apply(session, { type: 'expire' }, this.#now)
    for (const session of this.#select('settles_at <= ?', this.#now))
      this.#apply(session, { type: 'settle' }, session.settlesAt ?? this.#now)
    this`,
    tests: ALARM,
  },
  {
    name: 'The alarm leaves what is due to the calls.',
    text: `      tables.updateSessions.catchUp()
      tables.apiSessions`,
    becomes: '      tables.apiSessions',
    tests: ['test/sandbox/time.test.ts'],
  },
  {
    name: 'A completion ends at the moment at which that is found out.',
    text: "{ type: 'settle' }, session.settlesAt ?? this.#now)",
    becomes: "{ type: 'settle' }, this.#now)",
    tests: ALARM,
  },
  {
    name: 'One order that does not arrive breaks the alarm off.',
    text: 'await Promise.allSettled(orders.map(',
    becomes: 'await Promise.all(orders.map(',
    tests: ALARM,
  },
  {
    name: 'A pull is not begun before its order is sent.',
    text: `{ type: 'begin', transferId: key }, file.name)
  if (!begun.ok) return`,
    becomes: `file.sourceType === 'PULL' ? { type: 'progress', transferId: key, bytesTransferred: 0 } : { type: 'begin', transferId: key }, file.name)
  if (!begun.ok && file.sourceType !== 'PULL') return`,
    tests: ALARM,
  },
  {
    name: 'A pull that waits for others is due at once.',
    text: `
               AND (SELECT COUNT(*) FROM update_file WHERE pull_from = 0) < \${PULLS_LIMIT}) AS pull\``,
    becomes: ') AS pull`',
    tests: PULL,
  },
  {
    name: 'The end of a lease is not due.',
    text: 'byRealClock: [lease, purge, pull]',
    becomes: 'byRealClock: [purge, pull]',
    tests: ALARM,
  },
  {
    name: 'The end of a session is not due.',
    text: 'bySandboxClock: [dueAt, access',
    becomes: 'bySandboxClock: [access',
    tests: ['test/sandbox/time.test.ts'],
  },
  {
    name: 'The end of a login is due from its last access on.',
    text: 'access === null ? null : access + settings.apiSessionIdleMs',
    becomes: 'access',
    tests: ALARM,
  },
  {
    name: 'What nothing holds any more is not due.',
    text: 'byRealClock: [lease, purge, pull]',
    becomes: 'byRealClock: [lease, pull]',
    tests: ALARM,
  },
  {
    name: 'Content is forgotten before the bucket has deleted it.',
    text: `    await Promise.all(released.map(({ key }) => deleteParts(parts, key)))
    unlessRemoved(() => contents.purged(released))`,
    becomes: `    unlessRemoved(() => contents.purged(released))
    await Promise.all(released.map(({ key }) => deleteParts(parts, key)))`,
    tests: ALARM,
  },
  {
    name: 'The next search for orphans is planned when this one has succeeded.',
    text: `  planOrphans(storage, now + everyMs)
  try {
    const isUnknown = (key: string) => !contents.isKnown(key)
    await deleteContent(stores, () => exists(storage), isUnknown)
`,
    becomes: `  try {
    const isUnknown = (key: string) => !contents.isKnown(key)
    await deleteContent(stores, () => exists(storage), isUnknown)
    planOrphans(storage, now + everyMs)
`,
    tests: ALARM,
  },
  {
    name: 'Disuse is measured by a clock that can be moved.',
    text: 'if (removalAt(storage, this.#settings) <= Date.now())',
    becomes: 'if (removalAt(storage, this.#settings) <= this.#tables().now)',
    tests: ALARM,
  },
  {
    name: 'Use is noted by a clock that can be moved.',
    text: `      noteUse(storage, this.#settings, known, Date.now())
      const tables`,
    becomes: `      noteUse(storage, this.#settings, known, this.#tables().now)
      const tables`,
    tests: ALARM,
  },
  {
    name: 'The use of a sandbox with a short life is noted to a minute.',
    text: 'Math.min(60_000, sandboxIdleMs / 10)',
    becomes: '60_000',
    tests: ALARM,
  },
  {
    name: 'The leases of writers go by a clock that can be moved.',
    text: 'const contents = new Contents(database, real,',
    becomes: 'const contents = new Contents(database, now,',
    tests: ['test/content/purge.test.ts'],
  },
  {
    name: 'A change is no transaction.',
    text: 'return this.ctx.storage.transactionSync(run)',
    becomes: 'return run()',
    tests: ALARM,
  },
  {
    name: 'What was known in a call that failed is still known.',
    text: `    } catch (error) {
      this.#known = undefined
      throw error`,
    becomes: `    } catch (error) {
      throw error`,
    tests: ALARM,
  },
  {
    name: 'A pull that is to begin is not due.',
    text: 'byRealClock: [lease, purge, pull]',
    becomes: 'byRealClock: [lease, purge]',
    tests: PULL,
  },
]

/** A sandbox that goes while others wait. */
const going: Mutant[] = [
  {
    name: 'The purge writes into a sandbox that has been removed meanwhile.',
    text: 'exists(storage) && storage.transactionSync(change)',
    becomes: 'storage.transactionSync(change)',
    tests: GOING,
  },
  {
    name: 'A sandbox that was removed while it ordered pulls is asked for its content.',
    text: `    if (!exists(storage)) return
    const { contents }`,
    becomes: '    const { contents }',
    tests: GOING,
  },
  {
    name: 'A sandbox that was removed while it purged looks for orphans.',
    text: `  if (!exists(storage)) return
  const now = Date.now()`,
    becomes: '  const now = Date.now()',
    tests: GOING,
  },
  {
    name: 'The alarm is set in a sandbox that has been removed meanwhile.',
    text: `    const known = this.#know()
    if (!known) return
    const at`,
    becomes: `    const known = this.#know() ?? readKnown(storage)
    const at`,
    tests: GOING,
  },
  {
    name: 'A sandbox forgets its content before it is deleted.',
    text: 'if (exists(storage)) removeRows(storage, Date.now())',
    becomes: 'await storage.deleteAll()',
    tests: GOING,
  },
  {
    name: 'A sandbox that could not delete its content does not try again.',
    text: '    await this.#setAlarm(Date.now() + REMOVAL_RETRY_MS)\n',
    becomes: '',
    tests: GOING,
  },
  {
    name: 'A sandbox is forgotten while a transfer may still write.',
    text: '    if (writtenUntil > Date.now()) return this.#setAlarm(writtenUntil)\n',
    becomes: '',
    tests: GOING,
  },
  {
    name: 'What is known of a removed sandbox is known of the next.',
    text: `    this.#known = undefined
    this.#changes += 1
    this.#settings = settingsOf`,
    becomes: `    this.#changes += 1
    this.#settings = settingsOf`,
    tests: GOING,
  },
  {
    name: 'A removal deletes the content of the sandbox that was created meanwhile, and a search looks on in one that was removed.',
    text: `    if (!isAsBefore()) return
`,
    becomes: '',
    tests: GOING,
  },
  {
    name: 'The settings that a test has set hold in the next sandbox.',
    text: '    this.#settings = settingsOf(this.env)\n    // For when',
    becomes: '    // For when',
    tests: GOING,
  },
  {
    name: 'Requests that waited when the sandbox was removed are in the journal of the next.',
    text: `    this.#journal.forget()
    const { storage } = this.ctx
    if (exists(storage) || isRemoved(storage))`,
    becomes: `    const { storage } = this.ctx
    if (exists(storage) || isRemoved(storage))`,
    tests: GOING,
  },
]

/** The marker that lists a sandbox. */
const marker: Mutant[] = [
  {
    name: 'A marker that the bucket refused is taken for written.',
    text: '    next = { ...marker, dueAt: now + RETRY_MS }\n',
    becomes: '',
    tests: MARKERS,
  },
  {
    name: 'A marker waits for the alarm that was set before.',
    text: '[orphansAt(storage) ?? null, markerDueAt(storage) ?? null, removalAt(storage, settings)]',
    becomes: '[orphansAt(storage) ?? null, removalAt(storage, settings)]',
    tests: MARKERS,
  },
  {
    name: 'A marker is written for a sandbox that was removed meanwhile.',
    text: 'if (!exists(storage) || (markerDueAt(storage)',
    becomes: 'if ((markerDueAt(storage)',
    tests: MARKERS,
  },
  {
    name: 'Two alarms write the marker at the same time.',
    text: 'this.#markerWrite ??= writeMarker',
    becomes: 'this.#markerWrite = writeMarker',
    tests: MARKERS,
  },
  {
    name: 'A removal does not wait for the marker that is being written.',
    text: '      await this.#markerWrite\n      if',
    becomes: '      if',
    tests: MARKERS,
  },
  {
    name: 'A removal deletes the marker of the sandbox that was created meanwhile.',
    text: 'if (isRemoved(storage)) await deleteMarkers(',
    becomes: 'await deleteMarkers(',
    tests: MARKERS,
  },
  {
    name: 'A sandbox is forgotten before its marker is deleted.',
    text: 'if (!isRemoved(storage) || hasMarker(storage)) return',
    becomes: 'if (!isRemoved(storage)) return',
    tests: MARKERS,
  },
  {
    name: 'The marker of a removed sandbox is noted as that of the next.',
    text: 'if (markerIn(storage)?.key === key) storage.kv.put(MARKER, next)',
    becomes: 'storage.kv.put(MARKER, next)',
    tests: MARKERS,
  },
  {
    name: 'The marker of the next sandbox is forgotten with that of a removed one.',
    text: 'if (markerIn(storage)?.key === marker.key) storage.kv.delete(MARKER)',
    becomes: 'storage.kv.delete(MARKER)',
    tests: MARKERS,
  },
  {
    name: 'A removed sandbox does not know its marker.',
    text: 'if (key !== MARKER) kv.delete(key)',
    becomes: 'kv.delete(key)',
    tests: MARKERS,
  },
  {
    name: 'A new sandbox does not know the marker of a removed one.',
    text: 'earlier ? [...earlier.earlierKeys, earlier.key].slice(-EARLIER_LIMIT) : []',
    becomes: '[]',
    tests: MARKERS,
  },
  {
    name: 'A sandbox remembers more markers than one call deletes.',
    text: '.slice(-EARLIER_LIMIT)',
    becomes: '',
    tests: MARKERS,
  },
  {
    name: 'Two sandboxes of one name have one marker.',
    text: 'Math.max(now, earlier ? readMarkerKey(earlier.key).createdAt + 1 : 0)',
    becomes: 'now',
    tests: MARKERS,
  },
]

/** What is kept in memory, and what is told. */
const memory: Mutant[] = [
  {
    name: 'The settings that a test has set hold after a reset.',
    text: '      this.#settings = settingsOf(this.env)\n      insertFirstContent',
    becomes: '      insertFirstContent',
    tests: MEMORY,
  },
  {
    name: 'A reset forgets which content is in the bucket.',
    text: "const kept = ['clock', 'content', 'held']",
    becomes: "const kept = ['clock', 'held']",
    tests: ['test/content/purge.test.ts'],
  },
  {
    name: 'A reset leaves the content in the bucket.',
    text: "  sql.exec('UPDATE content SET purge_at = ?', now)\n",
    becomes: '',
    tests: ['test/content/purge.test.ts'],
  },
  {
    name: 'The last access of a login is stored to the minute.',
    text: 'const TOUCH_MS = 1000',
    becomes: 'const TOUCH_MS = 60_000',
    tests: MEMORY,
  },
  {
    name: 'What falls due on the way of a clock that is moved waits for the alarm.',
    text: `keepRunning(read(before, realNow), realNow))
    await this.alarm()
`,
    becomes: `keepRunning(read(before, realNow), realNow))
    await this.#schedule()
`,
    tests: ALARM,
  },
  {
    name: 'A clock that is moved is known as it was.',
    text: `    this.#known = undefined
    storage.transactionSync(() => this.#tables().updateSessions.keepRunning`,
    becomes: '    storage.transactionSync(() => this.#tables().updateSessions.keepRunning',
    tests: MEMORY,
  },
  {
    name: 'What was known is known after a reset.',
    text: `    this.#known = undefined
    this.#transaction`,
    becomes: '    this.#transaction',
    tests: MEMORY,
  },
  {
    name: 'That a sandbox has no faults is known for ever.',
    text: '    this.#known.hasFaults = true\n',
    becomes: '',
    tests: MEMORY,
  },
  {
    name: 'With one fault all are gone.',
    text: '    this.#known.hasFaults = this.list().length > 0\n',
    becomes: '    this.#known.hasFaults = false\n',
    tests: MEMORY,
  },
  {
    name: 'The faults of a sandbox that was out of memory are not known.',
    text: 'hasFaults: row.has_faults === 1',
    becomes: 'hasFaults: false',
    tests: MEMORY,
  },
  {
    name: 'The clock of a sandbox that was out of memory is the real one.',
    text: 'clock: { offsetMs: row.offset_ms, ...',
    becomes: 'clock: { offsetMs: 0, ...',
    tests: ['test/sandbox/time.test.ts'],
  },
  {
    name: 'The clock of a sandbox that was out of memory does not stand still.',
    text: '...(row.frozen_at !== null && { frozenAt: row.frozen_at })',
    becomes: '',
    tests: ['test/sandbox/time.test.ts', 'test/sandbox/alarm.test.ts'],
  },
  {
    name: 'An API session that was used is known as it was before.',
    text: `token)
      this.#known.delete(token)
    }`,
    becomes: `token)
    }`,
    tests: MEMORY,
  },
  {
    name: 'An API session that has ended is still known.',
    text: `    this.#known.delete(token)
    this.#database`,
    becomes: '    this.#database',
    tests: MEMORY,
  },
  {
    name: 'An API session that has expired is still known.',
    text: `    this.#known.clear()
    this.#database`,
    becomes: '    this.#database',
    tests: MEMORY,
  },
  {
    name: 'Requests that waited are in the journal after a reset.',
    text: `    this.#journal.forget()
    if (!exists(storage)) return`,
    becomes: '    if (!exists(storage)) return',
    tests: MEMORY,
  },
  {
    name: 'A login is saved before it has run.',
    text: '    return { token, user, createdAt: this.#now, lastAccessedAt: this.#now }',
    becomes: `    const begun = { token, user, createdAt: this.#now, lastAccessedAt: this.#now }
    this.insert(begun)
    return begun`,
    tests: MEMORY,
  },
  {
    name: 'Entries of the journal that do not travel at once wait for ever.',
    text: '      if (this.#waiting.length > 0) this.#flushSoon()\n',
    becomes: '',
    tests: MEMORY,
  },
  {
    name: 'The journal is written once.',
    text: '      this.#isFlushPlanned = false\n',
    becomes: '',
    tests: MEMORY,
  },
  {
    name: 'The journal is written in one turn, however much waits.',
    text: 'const AT_ONCE = 20',
    becomes: 'const AT_ONCE = 2000',
    tests: MEMORY,
  },
  {
    name: 'The journal is read as far as it has been written.',
    text: '    while (this.#waiting.length > 0) this.#flush()\n',
    becomes: '',
    tests: MEMORY,
  },
  {
    name: 'The journal of a sandbox that is not there is written.',
    text: 'if (!first || !exists(this.#storage)) return',
    becomes: 'if (!first) return',
    tests: MEMORY,
  },
  {
    name: 'A request that no operation answers is not shown before something else changes.',
    text: `    this.#journal.add(request, outcome, proof !== undefined)
    this.#changes += 1`,
    becomes: '    this.#journal.add(request, outcome, proof !== undefined)',
    tests: VIEW,
  },
  {
    name: 'What a transaction changes is not shown before something else changes.',
    text: '    this.#changes += 1\n    await (this.#scheduledAt',
    becomes: '    await (this.#scheduledAt',
    tests: VIEW,
  },
  {
    name: 'A request that an operation answers is not shown before something else changes.',
    text: `    this.#journal.add(request, { operation, ...answer, ...(fault && { fault: metOf(fault) }) }, isAuthenticated)
    this.#changes += 1`,
    becomes:
      '    this.#journal.add(request, { operation, ...answer, ...(fault && { fault: metOf(fault) }) }, isAuthenticated)',
    tests: VIEW,
  },
  {
    name: 'A sandbox that is removed is shown until something else changes.',
    text: `    this.#changes += 1
    this.#settings`,
    becomes: '    this.#settings',
    tests: VIEW,
  },
  {
    name: 'An instance of a sandbox gives versions that an earlier one gave.',
    text: 'readonly #instance = crypto.randomUUID()',
    becomes: "readonly #instance = 'one'",
    tests: VIEW,
  },
  {
    name: 'The teardown that is taken is the oldest of its name.',
    text: 'teardowns.findLastIndex(',
    becomes: 'teardowns.findIndex(',
    tests: ['test/admin/provider-states.test.ts'],
  },
]

/** Bytes: who reads, who writes, who is told twice. */
const bytes: Mutant[] = [
  {
    name: 'A new transfer does not replace the one under way.',
    text: `  TRANSFERRING: {
    begin: beginTransfer,`,
    becomes: '  TRANSFERRING: {',
    tests: ['test/rules/file.test.ts'],
  },
  {
    name: 'A transfer that was replaced goes on.',
    text: "file.status === 'TRANSFERRING' && file.transferId === event.transferId",
    becomes: "file.status === 'TRANSFERRING'",
    tests: ['test/rules/file.test.ts'],
  },
  {
    name: 'A transfer that stalls keeps its session alive.',
    text: 'found.file.bytesTransferred === bytesTransferred',
    becomes: 'found.file.bytesTransferred > bytesTransferred',
    tests: REPEATED,
  },
  {
    name: 'What becomes of bytes is asked of the rules.',
    text: 'const isHeld = contents.isHeld(key)',
    becomes: 'const isHeld = ended.ok',
    tests: REPEATED,
  },
  {
    name: 'Bytes that were held before are deleted.',
    text: "if (fate !== 'not wanted') return",
    becomes: "if (fate === 'held') return",
    tests: REPEATED,
  },
  {
    name: 'A bucket that will not delete fails the transfer.',
    text: `    console.error('R2 would not delete; the purge or the search for orphans will', error)`,
    becomes: '    throw error',
    tests: BODY,
  },
  {
    name: 'A session releases its content before the item holds it.',
    text: `    if (session && publish) itemFiles.publish(session.libraryItemId, publish, this.#now)
    files.save(id, before, after, session !== null && isOpen(session))
    contents.release(release)`,
    becomes: `    files.save(id, before, after, session !== null && isOpen(session))
    contents.release(release)
    if (session && publish) itemFiles.publish(session.libraryItemId, publish, this.#now)`,
    tests: REPEATED,
  },
  {
    name: 'What a session holds after an event is released, and not what it has lost.',
    text: 'release: released(heldBy(session), next ? heldBy(next) : []),',
    becomes: 'release: released(next ? heldBy(next) : [], heldBy(session)),',
    tests: RULES,
  },
  {
    name: 'The content of a session that has ended is never released.',
    text: 'isOpen(session) ? session.files.flatMap((file) => contentKeyOf(file) ?? []) : []',
    becomes: 'session.files.flatMap((file) => contentKeyOf(file) ?? [])',
    tests: RULES,
  },
  {
    name: 'The content of a file that was removed is never released.',
    text: "released(held(before), event.type === 'remove' ? [] : held(event.file))",
    becomes: 'released(held(before), held(event.file))',
    tests: RULES,
  },
  {
    name: 'An item gets what was not brought to stay.',
    text: 'publish: next.files.filter(({ name }) => isKeptInStorage(next.itemType, name))',
    becomes: 'publish: next.files',
    tests: RULES,
  },
  {
    name: 'A body is read on while the bucket takes nothing.',
    text: `      await written
      const part`,
    becomes: '      const part',
    tests: BODY,
  },
  {
    name: 'The sandbox is told once.',
    text: `    this.#timer = setTimeout(() => this.#report(), waitMs)
`,
    becomes: '',
    tests: BODY,
  },
  {
    name: 'The sandbox is told when the transfer is over.',
    text: `    releaseMemory(watch)
    watch.end()
`,
    becomes: `    releaseMemory(watch)
`,
    tests: BODY,
  },
  {
    name: 'A read that waits is not ended by a leave.',
    text: '    this.#reject(this.#left)\n',
    becomes: '',
    tests: BODY,
  },
  {
    name: 'A read after a leave goes on.',
    text: 'if (this.#left) reject(this.#left)\n    else this',
    becomes: 'this',
    tests: BODY,
  },
  {
    name: 'What is left of a body is read while another read waits.',
    text: '      await this.#pending\n',
    becomes: '',
    tests: BODY,
  },
  {
    name: 'A body that breaks while it is read away fails.',
    text: '    } catch {\n      // The client has gone.\n    } finally {\n      this.isOver',
    becomes: '    } finally {\n      this.isOver',
    tests: BODY,
  },
  {
    name: 'A silent client is waited for as long as any.',
    text: 'if (Date.now() - heardAt < idleMs && Date.now() - startedAt < durationMs) return',
    becomes: 'if (Date.now() - startedAt < durationMs) return',
    tests: BODY,
  },
  {
    name: 'A slow client is waited for without an end.',
    text: 'if (Date.now() - heardAt < idleMs && Date.now() - startedAt < durationMs) return',
    becomes: 'if (Date.now() - heardAt < idleMs) return',
    tests: BODY,
  },
  {
    name: 'A pull that is ordered again begins anew.',
    text: '    if (storage.kv.get(ORDER) !== undefined) return\n',
    becomes: '',
    tests: REPEATED,
  },
  {
    name: 'A pull that is over and rings once more has no order, and fails.',
    text: '    if (!order) return\n',
    becomes: '',
    tests: REPEATED,
  },
  {
    name: 'A pull forgets its order before its end is told.',
    text: '    const ended = await tell(plan.leaseMs, () => sandbox().endTransfer(plan.key, ending))',
    becomes: `    await this.ctx.storage.deleteAll()
    const ended = await tell(plan.leaseMs, () => sandbox().endTransfer(plan.key, ending))`,
    tests: REPEATED,
  },
  {
    name: 'The second run of a pull deletes what the first has brought.',
    text: 'await discard(partsOf(this.env), plan.key, ended.content)',
    becomes: `await discard(partsOf(this.env), plan.key, wasKilled ? 'not wanted' : ended.content)`,
    tests: REPEATED,
  },
  {
    name: 'A transfer begins though the store is full to the last byte.',
    text: 'Math.max(1, lengthBytes)',
    becomes: 'lengthBytes',
    tests: ['test/sandbox/limit.test.ts'],
  },
  {
    name: 'What a client sends may still come when it has completed.',
    text: `      const unreceived = firstUnreceived([file])
      return unreceived ?`,
    becomes: `      const unreceived = firstUnreceived([])
      return unreceived ?`,
    tests: ['test/rules/update-session.test.ts'],
  },
  {
    name: 'A completion does not wait for its pulls.',
    text: '  if (session.files.some(isUnderWay)) return ok(session)\n',
    becomes: '',
    tests: ['test/rules/update-session.test.ts'],
  },
]

/** Requests and their answers. */
const wire: Mutant[] = [
  {
    name: 'A fault is met only by those who are logged in.',
    text: 'if (!injectedFailure) return { ...run(call, tables, isFull), ...(fault && { fault }) }',
    becomes: `const ran = run(call, tables, isFull)
  if (!injectedFailure || !ran.isAuthenticated) return { ...ran, ...(fault && { fault }) }`,
    tests: ['test/admin/unauthenticated.test.ts', 'test/admin/faults.test.ts'],
  },
  {
    name: 'A dead token of the sandbox proves something.',
    text: 'this.#journal.add(request, outcome, proof !== undefined)',
    becomes: 'this.#journal.add(request, outcome, true)',
    tests: ['test/admin/unauthenticated.test.ts'],
  },
  {
    name: 'What a request says that is not authenticated is kept.',
    text: 'isAuthenticated ? facts : { ...facts, said: undefined }',
    becomes: 'facts',
    tests: RECORD,
  },
  {
    name: 'Secrets stay in what a binding needs to render an answer.',
    text: 'facts: withoutSecrets(isAuthenticated ? facts : { ...facts, said: undefined }) as Facts',
    becomes: 'facts: isAuthenticated ? facts : { ...facts, said: undefined }',
    tests: RECORD,
  },
  {
    name: 'The settings of the first environment hold for all.',
    text: `readBefore.get(env) ?? readAnew(env)
  readBefore.set(env, result)`,
    becomes: `readBefore.get(readBefore) ?? readAnew(env)
  readBefore.set(readBefore, result)`,
    tests: ['test/rules/settings.test.ts'],
  },
  {
    name: 'What was known only after an answer does not replace what was told with it.',
    text: 'ON CONFLICT (id) DO UPDATE SET entry = excluded.entry',
    becomes: 'ON CONFLICT (id) DO NOTHING',
    tests: ['test/admin/journal-answers.test.ts'],
  },
  {
    name: 'An operation whose answer takes the outside world is told of without it.',
    text: 'isWholeAnswer = !operation.afterwards,',
    becomes: 'isWholeAnswer = true,',
    tests: ['test/admin/journal-answers.test.ts'],
  },
  {
    name: 'A result that was cut within a secret keeps the rest of it.',
    text: 'isShortened ? TEXT_CHARS : undefined',
    becomes: 'undefined',
    tests: ['test/rules/request-record.test.ts'],
  },
  {
    name: 'A body is read before it is known who sends it.',
    text: 'return invoke(c, operation, caller, caller.ok ? await read() : ok({}))',
    becomes: 'return invoke(c, operation, caller, await read())',
    tests: ANSWER,
  },
  {
    name: 'Logins with a wrong password are not counted.',
    text: '  if (!isRefused && (await limiter.limit({ key: address })).success) return true\n',
    becomes: '  if (!isRefused) return true\n',
    tests: ['test/http/login-limit.test.ts'],
  },
  {
    name: 'The body of a request has a new reader each time.',
    text: '  const known = bodies.get(request)\n  if (known) return known\n',
    becomes: '',
    tests: ANSWER,
  },
  {
    name: 'An answer begins when its client has sent all.',
    text: `    await writer.write(text.subarray(0, -1))
    await readAway(request)`,
    becomes: `    await readAway(request)
    await writer.write(text.subarray(0, -1))`,
    tests: ANSWER,
  },
  {
    name: 'An answer ends while its client still sends.',
    text: `    await readAway(request)
    await writer.write(text.subarray(-1))
    await writer.close()`,
    becomes: `    await writer.write(text.subarray(-1))
    await writer.close()
    await readAway(request)`,
    tests: ANSWER,
  },
  {
    name: 'An answer without a body comes while its client still sends.',
    text: `    await readAway(request)
    return answer`,
    becomes: '    return answer',
    tests: ANSWER,
  },
  {
    name: 'A client that has gone fails what is done after its answer.',
    text: 'context.waitUntil(send().catch(() => undefined))',
    becomes: 'context.waitUntil(send())',
    tests: ANSWER,
  },
  {
    name: 'An answer that breaks off is not kept back until its request is read.',
    text: '  if (!isMidUpload) await readAway(c.req.raw)\n',
    becomes: '',
    tests: ANSWER,
  },
  {
    name: 'The answer that a fault breaks off fails where its client has gone.',
    text: '  send().catch(() => undefined) // the client has gone meanwhile',
    becomes: '  void send()',
    tests: ANSWER,
  },
  {
    name: 'A path with a parameter comes before one that is spelled out.',
    text: 'const literal = at.next.get(segment)',
    becomes: 'const literal = at.next.has(FIELD) ? undefined : at.next.get(segment)',
    tests: ['test/bindings/rest/legacy.test.ts', 'test/bindings/lifecycle.test.ts'],
  },
]

/** What provider states make, and its removal. */
const states: Mutant[] = [
  {
    name: 'What the states made is removed in the order in which it was made.',
    text: 'stage.made.splice(0).toReversed()',
    becomes: 'stage.made.splice(0)',
    tests: STATES,
  },
  {
    name: 'What has gone already keeps the rest from being removed.',
    text: 'await remove(stage, made).catch(() => undefined)',
    becomes: 'await remove(stage, made)',
    tests: STATES,
  },
  {
    name: 'An item is removed before its sessions.',
    text: `  await onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete)
  await items.delete(id)`,
    becomes: `  await items.delete(id)
  await onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete)`,
    tests: STATES,
  },
  {
    name: 'A session that can be cancelled no more keeps its item.',
    text: '  Promise.allSettled((await ids).map(run))',
    becomes: '  Promise.all((await ids).map(run))',
    tests: STATES,
  },
  {
    name: 'The login of a setup is the first to go.',
    text: `  stage.made.push({ what: 'API session', token: stage.client.token })
  try {
    const values = await setUp(stage, asked)`,
    becomes: `  try {
    const values = await setUp(stage, asked).finally(() =>
      stage.made.push({ what: 'API session', token: stage.client.token }),
    )`,
    tests: STATES,
  },
  {
    name: 'A seeded session that is refused stays.',
    text: '    await this.removeSession(seeded)\n',
    becomes: '',
    tests: ['test/admin/sessions.test.ts'],
  },
  {
    name: 'The item of a seeded session that is refused stays.',
    text: '      if (itemId !== undefined) items.remove(itemId)\n',
    becomes: '',
    tests: ['test/admin/sessions.test.ts'],
  },
  {
    name: 'A seeded session is there whose content did not arrive.',
    text: '      if (!filled.ok) return filled\n',
    becomes: '',
    tests: ['test/sandbox/limit.test.ts'],
  },
]

/** The start of a mock and its end, which only a process shows. */
const processes: Mutant[] = [
  {
    name: 'A port is not tried before the worker is started.',
    text: '  await tryListening(port, address)\n',
    becomes: '',
    tests: START,
  },
  {
    name: 'A folder that another has made meanwhile cannot be used.',
    text: 'if (!found?.isDirectory()) throw error',
    becomes: 'throw error',
    tests: START,
  },
  {
    name: 'A second stop is over before the mock is.',
    text: 'const stop = () => (ended ??= end())',
    becomes: 'const stop = () => end()',
    tests: START,
  },
  {
    name: 'A process that ends by itself leaves its certificate.',
    text: "  process.once('exit', remove)\n",
    becomes: '',
    tests: START,
  },
  {
    name: 'A mock that was stopped is still told of the end of the process.',
    text: "    process.off('exit', remove)\n",
    becomes: '',
    tests: START,
  },
  {
    name: 'A stop leaves its certificate.',
    text: '    undo.push(folder.remove)\n',
    becomes: '',
    tests: START,
  },
  {
    name: 'A mock ends when it writes and nothing reads.',
    text: "  process.stderr.on('error', () => undefined)\n",
    becomes: '',
    tests: START,
  },
  {
    name: 'Who waits for the output of a start in the background waits for the end of the mock.',
    text: "stdio: ['ignore', 'ignore', 'pipe', 'ipc'],\n      env",
    becomes: "stdio: ['ignore', 'inherit', 'pipe', 'ipc'],\n      env",
    tests: START,
  },
  {
    name: 'A certificate is good by the clock of the test alone.',
    text: 'makeCertificate([Date.now(), mtimeMs], [...names, ...httpsNames])',
    becomes: 'makeCertificate([Date.now()], [...names, ...httpsNames])',
    tests: START,
  },
  {
    name: 'A certificate is good by the clock of the machine alone.',
    text: 'makeCertificate([Date.now(), mtimeMs], [...names, ...httpsNames])',
    becomes: 'makeCertificate([mtimeMs], [...names, ...httpsNames])',
    tests: START,
  },
  {
    name: 'A place where no state can be kept is told by a code alone.',
    text: 'throw error instanceof Unusable ? error : new Unusable(whyNoState(directory, error))',
    becomes: 'throw error',
    tests: START,
  },
  {
    name: 'What is above a folder for state is not made.',
    text: '    await makeDirectory(dirname(path))\n',
    becomes: '',
    tests: MACHINES,
  },
  {
    name: 'A runtime that says nothing is waited for for ever.',
    text: 'const timer = setTimeout(() => fail(',
    becomes: 'const timer = setTimeout(() => String(',
    tests: MACHINES,
  },
  {
    name: 'What a runtime has written before its end is not told.',
    text: "process.once('close', (code, signal) =>",
    becomes: "process.once('exit', (code, signal) =>",
    tests: MACHINES,
  },
  {
    name: 'The runtime outlives a process that is killed.',
    text: '{ read -r _ <&4; kill -9 $runtime; } &',
    becomes: 'true &',
    tests: START,
  },
  {
    name: 'A runtime that has crashed stays down.',
    text: '      restart().catch((error: unknown) => isStopped || tell(String(error)))\n',
    becomes: '',
    tests: START,
  },
  {
    name: 'Two servers use one state.',
    text: 'if (startedAt === (await startOf(Number(pid))))',
    becomes: 'if (startedAt === undefined)',
    tests: START,
  },
  {
    name: 'A server that starts deletes what another one has just claimed.',
    text: 'await rm(join(owner, name), { force: true })',
    becomes: 'await rm(owner, { recursive: true, force: true })',
    tests: ['test/node/state.test.ts'],
  },
  {
    name: 'A state that is gone is written on.',
    text: '      if (!isGone) onGone(path)\n',
    becomes: '',
    tests: START,
  },
  {
    name: 'A state that gave its place to another is written on.',
    text: '      if ((await numberOf(path).catch(() => undefined)) === number) continue\n',
    becomes: '      if (await numberOf(path).catch(() => undefined)) continue\n',
    tests: ['test/node/state.test.ts'],
  },
  {
    name: 'A start in the background outlives the process that waits for it.',
    text: "  if (isChild) process.once('disconnect', endAlone)\n",
    becomes: '',
    tests: START,
  },
  {
    name: 'What a killed start has left stays.',
    text: '    await removeDead(parent, PREFIX)\n',
    becomes: '',
    tests: START,
  },
  {
    name: 'What a start has left that was killed while it claimed a state stays.',
    text: '    await removeDead(path, CLAIM)\n',
    becomes: '',
    tests: ['test/node/state.test.ts'],
  },
  {
    name: 'A state that cannot be used stays claimed.',
    text: '    await close?.()\n',
    becomes: '',
    tests: ['test/node/state.test.ts'],
  },
  {
    name: 'A shell that does not end keeps a stop waiting.',
    text: 'const timer = setTimeout(() => killGroup(process), STOP_MS)',
    becomes: 'const timer = setTimeout(() => undefined, STOP_MS)',
    tests: START,
  },
  {
    name: 'A start that has failed leaves its runtime.',
    text: '    await stop().catch(() => undefined)\n',
    becomes: '',
    tests: START,
  },
]

/** A run of Pact's verifier. */
const verification: Mutant[] = [
  {
    name: 'A provider that cannot be reached is left to the verifier.',
    text: `throw new Error(\`There is no logging in`,
    becomes: `if (error) return undefined as never
    throw new Error(\`There is no logging in`,
    tests: PROVIDER,
  },
  {
    name: 'A run that breaks off leaves its login.',
    text: '    await stage.client.logout().catch(() => undefined)\n',
    becomes: '',
    tests: PROVIDER,
  },
  {
    name: 'A state that fails is tried again for two minutes.',
    text: 'answer(400, { reason: reasonOf(error) })',
    becomes: 'answer(500, { reason: reasonOf(error) })',
    tests: PROVIDER,
  },
]

export const mutants: Mutant[] = [
  {
    name: 'A login to a sandbox that is removed at the same moment is refused.',
    text: 'while (this.#create()) await',
    becomes: 'if (this.#create()) await',
    tests: GOING,
  },
  ...alarm,
  ...going,
  ...marker,
  ...memory,
  ...bytes,
  ...wire,
  ...states,
  ...processes,
  ...verification,
]
