// One mutant for each line whose comment explains an order, a race, a second look or a second run.
import type { Mutant } from './mutant.ts'

const ALARM = ['test/sandbox/alarm.test.ts']
const GOING = ['test/sandbox/going.test.ts']
const MEMORY = ['test/sandbox/memory.test.ts']
const MARKERS = ['test/sandbox/markers.test.ts']
const VIEW = ['test/admin/view.test.ts']
const BODY = ['test/content/body.test.ts']
const AGAIN = ['test/content/again.test.ts']
const FATE = ['test/content/fate.test.ts']
const PULL = ['test/content/pull.test.ts']
const ANSWER = ['test/http/answer.test.ts']
const STATES = ['test/admin/states.test.ts']
const START = ['test/node/start.test.ts']
const PROVIDER = ['test/contract/verify.provider.test.ts']
const MACHINES = ['test/node/process/hostile-environment.test.ts']

/** What a sandbox owes, and when its alarm is set. */
const alarm: Mutant[] = [
  {
    name: 'An alarm that rings is still taken for set.',
    text: `    this.#alarmAt = null
    const { storage } = this.ctx`,
    becomes: '    const { storage } = this.ctx',
    tests: ALARM,
  },
  {
    name: 'An alarm is taken for set when its sandbox has been removed.',
    text: `      this.#alarmAt = undefined
      createTables(storage)`,
    becomes: '      createTables(storage)',
    tests: ALARM,
  },
  {
    name: 'Bytes of another version stay if a client logs in before the alarm.',
    text: '      planSweep(ctx.storage, Date.now())\n',
    becomes: '',
    tests: ['test/sandbox/version.test.ts'],
  },
  {
    name: 'A sandbox that was out of memory takes it that its alarm is early enough.',
    text: 'if (this.#alarmAt === undefined || owed < (this.#alarmAt ?? Infinity)) await this.#wake()',
    becomes: 'if (owed < (this.#alarmAt ?? 0)) await this.#wake()',
    tests: ALARM,
  },
  {
    name: 'The first call of a sandbox that was out of memory puts its alarm off.',
    text: 'this.#alarmAt ?? (await storage.getAlarm())',
    becomes: 'this.#alarmAt ?? null',
    tests: ALARM,
  },
  {
    name: 'The alarm is set to what is owed, however long before that orphans are to be looked for.',
    text: 'const dueAt = Math.min(owed, sweepAt(storage) ?? Infinity, this.#leavesAt())',
    becomes: 'const dueAt = Math.min(owed, this.#leavesAt())',
    tests: ALARM,
  },
  {
    name: 'The alarm is set to what is owed, however long before that the sandbox is to go.',
    text: 'const dueAt = Math.min(owed, sweepAt(storage) ?? Infinity, this.#leavesAt())',
    becomes: 'const dueAt = Math.min(owed, sweepAt(storage) ?? Infinity)',
    tests: ALARM,
  },
  {
    name: 'Nothing is due in a call of a sandbox that does not know its alarm.',
    text: 'if ((this.#alarmAt ?? 0) <= Date.now())',
    becomes: 'if ((this.#alarmAt ?? Infinity) <= Date.now())',
    tests: ALARM,
  },
  {
    name: 'A call expires what is to be DONE before that.',
    text: `      tables.updateSessions.settle()
      tables.updateSessions.expire()
    }`,
    becomes: `      tables.updateSessions.expire()
      tables.updateSessions.settle()
    }`,
    tests: ALARM,
  },
  {
    name: 'The alarm expires what is to be DONE before that.',
    text: `      tables.updateSessions.settle()
      tables.updateSessions.expire()
      tables.apiSessions.expire()`,
    becomes: `      tables.updateSessions.expire()
      tables.updateSessions.settle()
      tables.apiSessions.expire()`,
    tests: ALARM,
  },
  {
    name: 'A completion ends at the moment at which that is found out.',
    text: "transition(session, { type: 'settle' }, row.settles_at ?? this.#now)",
    becomes: "transition(session, { type: 'settle' }, this.#now)",
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
    text: "const begun = sendTransfer(tables, sessionId, { type: 'begin', transferId: key }, file.name)",
    becomes: `const begun = file.sourceType === 'PULL' ? ok(file) : sendTransfer(tables, sessionId, { type: 'begin', transferId: key }, file.name)`,
    tests: ALARM,
  },
  {
    name: 'A pull that waits for others is due at once.',
    text: `
               AND (SELECT COUNT(*) FROM update_file WHERE pull_waits = 0) < \${PULLS_LIMIT}) AS pull`,
    becomes: ') AS pull',
    tests: PULL,
  },
  {
    name: 'The lease of a transfer is not owed.',
    text: '    this.#owe(this.#now + this.#leaseMs)\n',
    becomes: '',
    tests: ALARM,
  },
  {
    name: 'What was given up while it was written is not owed when its writer ends.',
    text: `    this.#owe(this.#now)
    this.#sql.exec('UPDATE content SET lease_until = NULL`,
    becomes: "    this.#sql.exec('UPDATE content SET lease_until = NULL",
    tests: ALARM,
  },
  {
    name: 'What nothing holds any more is not owed.',
    text: `      this.#owe(this.#now)
      this.#sql.exec(`,
    becomes: '      this.#sql.exec(',
    tests: ALARM,
  },
  {
    name: 'Content is forgotten before the bucket has deleted it.',
    text: '      await this.env.CONTENT.delete(keys)\n      this.#unlessGone(() => contents.purged(keys))',
    becomes: '      this.#unlessGone(() => contents.purged(keys))\n      await this.env.CONTENT.delete(keys)',
    tests: ALARM,
  },
  {
    name: 'The next search for orphans is planned when this one has succeeded.',
    text: `  planSweep(storage, now + everyMs)
  let cursor: string | undefined`,
    becomes: '  let cursor: string | undefined',
    tests: ALARM,
  },
  {
    name: 'Disuse is measured by a clock that can be moved.',
    text: 'if (this.#leavesAt() <= Date.now()) return this.#leave()',
    becomes: 'if (this.#leavesAt() <= this.#now()) return this.#leave()',
    tests: ALARM,
  },
  {
    name: 'Use is noted by a clock that can be moved.',
    text: `    const now = Date.now()
    this.#known.usedAt ??=`,
    becomes: `    const now = this.#now()
    this.#known.usedAt ??=`,
    tests: ALARM,
  },
  {
    name: 'The leases of writers go by a clock that can be moved.',
    text: 'const contents = new Contents(sql, real,',
    becomes: 'const contents = new Contents(sql, now,',
    tests: ['test/content/purge.test.ts'],
  },
  {
    name: 'A change is no transaction.',
    text: 'const result = storage.transactionSync(() => change(this.#tables(owe)))',
    becomes: 'const result = change(this.#tables(owe))',
    tests: ALARM,
  },
  {
    name: 'A pull that is to begin is not owed.',
    text: '      if (waits === 1) this.#owe(0)\n',
    becomes: '',
    tests: PULL,
  },
]

/** A sandbox that goes while others wait. */
const going: Mutant[] = [
  {
    name: 'The purge writes into a sandbox that has been removed meanwhile.',
    text: 'if (exists(storage)) storage.transactionSync(change)',
    becomes: 'storage.transactionSync(change)',
    tests: GOING,
  },
  {
    name: 'A sandbox that has been removed meanwhile looks for orphans.',
    text: `    if (!exists(this.ctx.storage)) return
    try {`,
    becomes: '    try {',
    tests: GOING,
  },
  {
    name: 'The alarm is set in a sandbox that has been removed meanwhile.',
    text: `    if (!exists(storage)) return
    const owed =`,
    becomes: '    const owed =',
    tests: GOING,
  },
  {
    name: 'A sandbox that has been removed is there until the platform has written that.',
    text: `  seen.delete(storage)
  await deleted`,
    becomes: `  await deleted
  seen.delete(storage)`,
    tests: GOING,
  },
  {
    name: 'A sandbox forgets its bytes before they are deleted.',
    text: 'if (exists(storage)) removeRows(storage, Date.now())',
    becomes: 'await vanish(storage)',
    tests: GOING,
  },
  {
    name: 'A sandbox that could not delete its bytes does not try again.',
    text: '    await storage.setAlarm(this.#alarmAt)\n',
    becomes: '',
    tests: GOING,
  },
  {
    name: 'What a sandbox knew when it was removed is known to the next.',
    text: `removeRows(storage, Date.now())
    this.#known = {}`,
    becomes: 'removeRows(storage, Date.now())',
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
    text: 'Math.min(owedAt(storage.sql, this.#clock(), this.#settings, Date.now()), markerDueAt(storage))',
    becomes: 'owedAt(storage.sql, this.#clock(), this.#settings, Date.now())',
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
    text: 'earlier ? [...earlier.earlierKeys, earlier.key] : []',
    becomes: '[]',
    tests: MARKERS,
  },
  {
    name: 'Two sandboxes of one name have one marker.',
    text: 'Math.max(now, earlier ? earlier.createdAt + 1 : 0)',
    becomes: 'now',
    tests: MARKERS,
  },
]

/** What is kept in memory, and what is told. */
const memory: Mutant[] = [
  {
    name: 'A clock that was turned is known as it was.',
    text: `    saveClock(sql, turn(this.#clock(), change, Date.now()))
    this.#known = {}`,
    becomes: '    saveClock(sql, turn(this.#clock(), change, Date.now()))',
    tests: MEMORY,
  },
  {
    name: 'A sandbox that had no faults takes it that it has none.',
    text: `      for (const fault of add) faults.save(fault)
    })
    this.#known = {}`,
    becomes: `      for (const fault of add) faults.save(fault)
    })`,
    tests: MEMORY,
  },
  {
    name: 'What a sandbox knew is known after a reset.',
    text: `    if (!exists(storage)) return
    this.#known = {}`,
    becomes: '    if (!exists(storage)) return',
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
    name: 'A login is known in memory as it was before it was used.',
    text: `this.#now, token)
      this.#met.delete(token)`,
    becomes: 'this.#now, token)',
    tests: MEMORY,
  },
  {
    name: 'A login that has ended is known in memory.',
    text: "    this.#met.delete(token)\n    this.#sql.exec('DELETE",
    becomes: "    this.#sql.exec('DELETE",
    tests: MEMORY,
  },
  {
    name: 'Logins whose time is over are known in memory.',
    text: "    this.#met.clear()\n    this.#sql.exec('DELETE",
    becomes: "    this.#sql.exec('DELETE",
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
    text: 'if (records.length === 0 || !exists(this.#storage)) return',
    becomes: 'if (records.length === 0) return',
    tests: MEMORY,
  },
  {
    name: 'A request that no operation answers is not shown before something else changes.',
    text: `    this.#journal.add(request, outcome, isAuthenticated)
    this.#changes += 1`,
    becomes: '    this.#journal.add(request, outcome, isAuthenticated)',
    tests: VIEW,
  },
  {
    name: 'What a transaction changes is not shown before something else changes.',
    text: `    this.#changes += 1
    // An alarm that rings`,
    becomes: '    // An alarm that rings',
    tests: VIEW,
  },
  {
    name: 'A sandbox that is removed is shown until something else changes.',
    text: `    this.#known = {}
    this.#changes += 1
    this.#settings`,
    becomes: `    this.#known = {}
    this.#settings`,
    tests: VIEW,
  },
  {
    name: 'An instance of a sandbox gives versions that an earlier one gave.',
    text: 'readonly #instance = crypto.randomUUID()',
    becomes: "readonly #instance = 'one'",
    tests: VIEW,
  },
  {
    name: 'The memory that is recalled is the oldest of its name.',
    text: 'memories.findLastIndex(',
    becomes: 'memories.findIndex(',
    tests: ['test/admin/provider-states.test.ts'],
  },
]

/** Bytes: who reads, who writes, who is told twice. */
const bytes: Mutant[] = [
  {
    name: 'A new transfer does not replace the one under way.',
    text: `  TRANSFERRING: {
    begin,`,
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
    text: 'if (file.bytesTransferred === bytesTransferred)\n',
    becomes: 'if (file.bytesTransferred > bytesTransferred)\n',
    tests: AGAIN,
  },
  {
    name: 'What becomes of bytes is asked of the rules.',
    text: "if (!tables.contents.isHeld(key)) return { result, content: 'not wanted' }",
    becomes: "if (!result.ok) return { result, content: 'not wanted' }",
    tests: FATE,
  },
  {
    name: 'Bytes that were held before are deleted.',
    text: "if (fate !== 'not wanted') return",
    becomes: "if (fate === 'held') return",
    tests: FATE,
  },
  {
    name: 'A writer deletes its bytes when it gets no answer.',
    text: `  )
  known.isRecorded = true
  await discard(`,
    becomes: `  ).catch(() => ({ result: { ok: true, value: undefined }, content: 'not wanted' }) as const)
  known.isRecorded = true
  await discard(`,
    tests: AGAIN,
  },
  {
    name: 'A bucket that will not delete fails the transfer.',
    text: "    console.error('R2 would not delete; the purge or the sweep will', error)",
    becomes: '    throw error',
    tests: BODY,
  },
  {
    name: 'A session lets go of its bytes before the item has them.',
    text: `    if (session.state === 'DONE') this.#publish(session)
    this.#files.save(session.id, before.files, session.files, isOpen(session))`,
    becomes: `    this.#files.save(session.id, before.files, session.files, isOpen(session))
    if (session.state === 'DONE') this.#publish(session)`,
    tests: AGAIN,
  },
  {
    name: 'A storage that will not begin fails the request.',
    text: `    return { type: 'interrupted', why: whyOf(error) }
  }`,
    becomes: '    throw error\n  }',
    tests: ['test/bindings/bytes/push.test.ts'],
  },
  {
    name: 'A body is read on while the bucket takes nothing.',
    text: '      await written\n      const chunk',
    becomes: '      const chunk',
    tests: BODY,
  },
  {
    name: 'A write that fails while the body is waited for is heard by nobody.',
    text: '      written.catch(() => undefined) // heard where it is waited for\n',
    becomes: '',
    tests: BODY,
  },
  {
    name: 'The memory that a read took away is not taken back at the end.',
    text: `      piece = new Uint8Array((step.value ?? piece).buffer)
      if (step.done) break`,
    becomes: `      if (step.done) break
      piece = new Uint8Array((step.value ?? piece).buffer)`,
    tests: BODY,
  },
  {
    name: 'The sandbox is asked again before it has answered.',
    text: '    isAsking = true\n',
    becomes: '',
    tests: BODY,
  },
  {
    name: 'The sandbox is asked once.',
    text: '      .finally(() => (isAsking = false))',
    becomes: '      .finally(() => undefined)',
    tests: BODY,
  },
  {
    name: 'The sandbox is asked when the transfer is over.',
    text: '    watch.end()\n',
    becomes: '',
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
    tests: AGAIN,
  },
  {
    name: 'A pull that is over and rings once more has no order, and fails.',
    text: '    if (!order) return\n',
    becomes: '',
    tests: AGAIN,
  },
  {
    name: 'A pull waits the same time after each attempt.',
    text: 'order.retryMs * 2 ** (attempt - 1)',
    becomes: 'order.retryMs',
    tests: AGAIN,
  },
  {
    name: 'A pull forgets its order before its end is told.',
    text: '    const ended = await sandbox.endTransfer(plan.key, endingOf(order, result))',
    becomes:
      '    await storage.deleteAll()\n    const ended = await sandbox.endTransfer(plan.key, endingOf(order, result))',
    tests: AGAIN,
  },
  {
    name: 'The second run of a pull deletes what the first has brought.',
    text: 'await discard(this.env.CONTENT, plan.key, ended.content)',
    becomes: "await discard(this.env.CONTENT, plan.key, result.type === 'received' ? ended.content : 'not wanted')",
    tests: FATE,
  },
  {
    name: 'A transfer begins though the store is full to the last byte.',
    text: 'contents.heldBytes() >= this.#settings.storeBytes',
    becomes: 'contents.heldBytes() > this.#settings.storeBytes',
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
    name: 'A fault strikes only who is logged in.',
    text: 'if (!refused) return { ...this.#run(call, tables), ...(fault && { fault }) }',
    becomes: `const ran = this.#run(call, tables)
    if (!refused || !ran.isAuthenticated) return { ...ran, ...(fault && { fault }) }`,
    tests: ['test/admin/unauthenticated.test.ts', 'test/admin/faults.test.ts'],
  },
  {
    name: 'A dead token of the sandbox proves something.',
    text: 'this.#record(request, outcome, proof !== undefined)',
    becomes: 'this.#record(request, outcome, true)',
    tests: ['test/admin/unauthenticated.test.ts'],
  },
  {
    name: 'What was known only after an answer does not replace what was told with it.',
    text: 'ON CONFLICT (id) DO UPDATE SET entry = excluded.entry',
    becomes: 'ON CONFLICT (id) DO NOTHING',
    tests: ['test/admin/record.test.ts'],
  },
  {
    name: 'An operation whose answer takes the outside world is told of without it.',
    text: 'isWholeAnswer = !operation.afterwards,',
    becomes: 'isWholeAnswer = true,',
    tests: ['test/admin/record.test.ts'],
  },
  {
    name: 'A result that was cut within a secret keeps the rest of it.',
    text: 'isShortened ? TEXT_CHARS : undefined',
    becomes: 'undefined',
    tests: ['test/rules/request-record.test.ts'],
  },
  {
    name: 'A body is read before it is known who sends it.',
    text: 'return invoke(c, operation, caller, caller ? await read() : ok({}))',
    becomes: 'return invoke(c, operation, caller, await read())',
    tests: ANSWER,
  },
  {
    name: 'Logins with a wrong password are not counted.',
    text: `  if (operation.login && !(await mayLogIn(c))) return refuse(c, 'rate limit', tooManyLogins())
  if (!caller) return refuse(c, 'authentication', unauthenticated())`,
    becomes: `  if (!caller) return refuse(c, 'authentication', unauthenticated())
  if (operation.login && !(await mayLogIn(c))) return refuse(c, 'rate limit', tooManyLogins())`,
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
    name: 'An answer that breaks off is kept back until its request is read.',
    text: '  await readAway(c.req.raw)\n  c.res = ',
    becomes: '  c.res = ',
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
    text: `  await each(updateSessions.list(id), updateSessions.cancel)
  await each(updateSessions.list(id), updateSessions.delete)
  await items.delete(id)`,
    becomes: `  await items.delete(id)
  await each(updateSessions.list(id), updateSessions.cancel)
  await each(updateSessions.list(id), updateSessions.delete)`,
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
    const values = await setUp(stage, state, params)`,
    becomes: `  try {
    const values = await setUp(stage, state, params).finally(() =>
      stage.made.push({ what: 'API session', token: stage.client.token }),
    )`,
    tests: STATES,
  },
  {
    name: 'A session that was refused in the middle stays.',
    text: '    await sandbox.uproot(seeded)\n',
    becomes: '',
    tests: ['test/admin/sessions.test.ts'],
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
    text: 'const stop = () => (stopped ??= server.stop())',
    becomes: 'const stop = () => server.stop()',
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
    text: 'await inRealTime(() => miniflare.dispose()).finally(() => tls?.remove())',
    becomes: 'await inRealTime(() => miniflare.dispose())',
    tests: START,
  },
  {
    name: 'A mock in the background ends when it has something to say to nobody.',
    text: "    process.stderr.on('error', () => undefined) // nobody listens any more\n",
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
    name: 'The first of two calls in real time ends it for both.',
    text: '    if (running === 0) release()\n',
    becomes: '    release()\n',
    tests: START,
  },
  {
    name: 'Two calls in real time hold the clock twice, and let it go once.',
    text: '  if (running === 0) release = hold()\n',
    becomes: '  release = hold()\n',
    tests: START,
  },
  {
    name: 'What replaces a timer meanwhile is lost.',
    text: '        value = other\n',
    becomes: '',
    tests: START,
  },
  {
    name: 'A certificate is good by the clock of the test alone.',
    text: 'makeCertificate([Date.now(), mtimeMs], names)',
    becomes: 'makeCertificate([Date.now()], names)',
    tests: START,
  },
  {
    name: 'A certificate is good by the clock of the machine alone.',
    text: 'makeCertificate([Date.now(), mtimeMs], names)',
    becomes: 'makeCertificate([mtimeMs], names)',
    tests: START,
  },
  {
    name: 'A place for temporary files is not tried before the worker is started.',
    text: '  await tryWriting(tmpdir()).catch(',
    becomes: '  await Promise.resolve().catch(',
    tests: START,
  },
  {
    name: 'A place for state is not tried before the worker is started.',
    text: '    await tryWriting(stateDirectory).catch(',
    becomes: '    await Promise.resolve().catch(',
    tests: START,
  },
  {
    name: 'What is above a folder for state is not made.',
    text: '    await makeDirectory(dirname(path))\n',
    becomes: '',
    tests: MACHINES,
  },
  {
    name: 'The worker is started by a clock that may be behind it.',
    text: "inRealTime(run, Date.parse(bundle.config.compatibilityDate ?? '1970-01-01'))",
    becomes: 'inRealTime(run)',
    tests: MACHINES,
  },
  {
    name: 'A runtime whose pipe nothing has broken is waited for.',
    text: "    if (child?.stdin?.listenerCount('error')) child.stdin.emit('error', new Error(reason))\n",
    becomes: '',
    tests: MACHINES,
  },
  {
    name: 'miniflare is left to wait for a process that could not be started.',
    text: '    if (child?.pid === undefined) child?.emit(',
    becomes: '    if (child?.pid === 0) child?.emit(',
    tests: MACHINES,
  },
  {
    name: 'The broken pipe of a runtime is told before its own words.',
    text: 'LAST_WORDS_MS)\n    return failed.promise',
    becomes: '0)\n    return failed.promise',
    tests: MACHINES,
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
