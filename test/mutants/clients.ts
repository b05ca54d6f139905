// Small bugs in how real clients log in and spell their requests.
import type { Mutant } from './mutant.ts'

const PROOFS = 'test/bindings/proofs.test.ts'
const LIMIT = 'test/http/login-limit.test.ts'
const CREDENTIALS = 'test/rules/credentials.test.ts'
const PYVMOMI = 'test/bindings/soap/pyvmomi.test.ts'
const CONNECTIONS = 'test/node/broken-connections.test.ts'
const FAULTS = 'test/admin/faults.test.ts'
const CHANGES = 'test/admin/session-changes.test.ts'
const FORMS = 'test/bindings/rest/client-forms.test.ts'
const OWN_ORIGIN = 'test/rules/own-origin.test.ts'

export const mutants: Mutant[] = [
  {
    name: 'A page of another port of this machine counts as one of the mock.',
    text: "return site === 'same-origin' || site === 'none'",
    becomes: "return site !== 'cross-site'",
    tests: [OWN_ORIGIN],
  },
  {
    name: 'A page of another site cancels a session with the cookie of its user.',
    text: 'if (cookies === null || !isOwnOrigin(request.headers, request.url, publicUrl)) return undefined',
    becomes: 'if (cookies === null) return undefined',
    tests: [PROOFS],
  },
  {
    name: 'A cookie outranks the password that is sent beside it.',
    text: 'if (authorization === null) return cookieIn(request, TOKEN_HEADER, publicUrl)',
    becomes:
      'const cookie = cookieIn(request, TOKEN_HEADER, publicUrl)\n  if (cookie || authorization === null) return cookie',
    tests: [PROOFS],
  },
  {
    name: 'A bad proof gives way to the next one.',
    text: '  if (token !== null) return { token }\n  const authorization',
    becomes: "  if (token?.includes('.')) return { token }\n  const authorization",
    tests: [PROOFS],
  },
  {
    name: 'A login looks at the token of the request instead of its password.',
    text: 'operation.login ? credentialsIn(c.req.raw) : proofIn(',
    becomes: 'proofIn(',
    tests: [PROOFS],
  },
  {
    name: 'A login over JSON-RPC takes a session where a password is due.',
    text: 'return !isLogin && sessionId !== undefined',
    becomes: 'return sessionId !== undefined',
    tests: ['test/bindings/json-rpc/json-rpc.test.ts'],
  },
  {
    name: 'A client that wants a header gets a cookie.',
    text: ' && c.req.header(NO_COOKIE) === undefined',
    becomes: '',
    tests: [PROOFS],
  },
  {
    name: 'Behind a proxy with a path of its own no client sends the cookie back.',
    text: 'const options = { path: whole,',
    becomes: 'const options = { path,',
    tests: [PROOFS],
  },
  {
    name: 'A password that comes by plain http is taken in a call that is no login.',
    text: "if (settings.value.plainHttpLogin === 'off' && c.req.url.startsWith('http:'))",
    becomes: "if (!c.req.query('action') && settings.value.plainHttpLogin === 'off' && c.req.url.startsWith('http:'))",
    tests: ['test/http/plain-http.test.ts'],
  },
  {
    name: 'A logout leaves the cookie.',
    text: 'if (!result.ok || !(operation.login || isLogout)) return',
    becomes: 'if (!result.ok || !operation.login) return',
    tests: [PROOFS],
  },
  {
    name: 'An address above the limit is let in with a password that is new here: it can go on guessing.',
    text: 'if (isRight && !isRefused) {',
    becomes: 'if (isRight) {',
    tests: [LIMIT],
  },
  {
    name: 'An address above the limit is refused a password that is known here.',
    text: '  if (isRight && met.has(proof)) return true\n',
    becomes: '',
    tests: [LIMIT],
  },
  {
    name: 'Right passwords count.',
    text: 'if (isRight && !isRefused) {',
    becomes: 'if (isRight && !isRefused && (await limiter.limit({ key: address })).success) {',
    tests: [LIMIT],
  },
  {
    name: 'A password is right if it ends well.',
    text: 'difference |= given.charCodeAt',
    becomes: 'difference = given.charCodeAt',
    tests: [CREDENTIALS],
  },
  {
    name: 'A password is right if it repeats the right one.',
    text: 'let difference = given.length ^ secret.length',
    becomes: 'let difference = 0',
    tests: [CREDENTIALS],
  },
  {
    name: 'A pattern of user names fits none.',
    text: 'isSameText(password, each.password) && fitsGlob(user, each.user)',
    becomes: 'isSameText(password, each.password) && user === each.user',
    tests: [CREDENTIALS],
  },
  {
    name: 'pyvmomi sees the datastores of a view that shows none.',
    text: 'name === DATASTORES_VIEW || name === id',
    becomes: "name.startsWith('view-') || name === id",
    tests: [PYVMOMI],
  },
  {
    name: 'A view is given without a login.',
    text: 'return (await currentSession(c)) ? ok(reference(',
    becomes: 'return true ? ok(reference(',
    tests: [PYVMOMI],
  },
  {
    name: 'A fault of a connection before the operation carries it out.',
    text: "  if (isBefore) return injected('SERVICE_UNAVAILABLE', 'A fault breaks the connection before the operation.')\n",
    becomes: '',
    tests: [CONNECTIONS],
  },
  {
    name: 'A fault of a connection does nothing to an answer without a body.',
    text: '  if (!source || length === 0) return close(heldMs)\n',
    becomes: '  if (!source || length === 0) return response\n',
    tests: [CONNECTIONS],
  },
  {
    name: 'An upload that is to break is taken in whole.',
    text: 'fault ? breakingBody(bodyOf(request), fault) : bodyOf(request)',
    becomes: 'bodyOf(request)',
    tests: [CONNECTIONS],
  },
  {
    name: 'An upload that stalls by a fault is waited for though it is not wanted any more.',
    text: 'Promise.race([scheduler.wait(delayMs ?? STALL_MS), isNotWanted])',
    becomes: 'scheduler.wait(delayMs ?? STALL_MS)',
    tests: [CONNECTIONS],
  },
  {
    name: 'The runtime writes of each connection that a fault breaks.',
    text: "Object.assign(new Error('a fault breaks the connection'), { retryable: true })",
    becomes: "new Error('a fault breaks the connection')",
    tests: [CONNECTIONS],
  },
  {
    name: 'A client that is to be cut off reads that its upload was interrupted.',
    text: "connection === 'reset' || isMidUpload || isBefore === true",
    becomes: "connection === 'reset' || isBefore === true",
    tests: [CONNECTIONS],
  },
  {
    name: 'An answer that is to break after so many bytes is whole where it is shorter.',
    text: 'Math.floor(length / 2)), length - 1)',
    becomes: 'Math.floor(length / 2)), length)',
    tests: [CONNECTIONS],
  },
  {
    name: 'Provider states meet the faults of their sandbox.',
    text: 'const fault = isSpared ? undefined : tables.faults.matching(operation,',
    becomes: 'const fault = tables.faults.matching(operation,',
    tests: [FAULTS],
  },
  {
    name: 'Connections are broken where a proxy repeats requests.',
    text: "  if (spec.connection && env.OWN_CONNECTIONS !== 'on') throw new AdminFailure(422, NO_CONNECTIONS)\n",
    becomes: '',
    tests: [FAULTS],
  },
  {
    name: 'A session whose completion is to fail is DONE.',
    text: 'session.failsWith ? failed(session, session.failsWith, now) :',
    becomes: '',
    tests: [CHANGES],
  },
  {
    name: 'Storage forgets that a completion is to fail.',
    text: 'const { files: _, ...head } = session\n',
    becomes: 'const { files: _, failsWith: __, ...head } = session\n',
    tests: [CHANGES],
  },
  {
    name: 'A file that has not arrived is validated.',
    text: "const hasArrived = file.status === 'READY' || file.status === 'VALIDATING'",
    becomes: "const hasArrived = 'received' in file || file.status === 'ERROR'",
    tests: ['test/rules/file.test.ts'],
  },
  {
    name: 'The password of a source stands in the answers.',
    text: 'uri: splitSource(file.source.uri).uri',
    becomes: 'uri: file.source.uri',
    tests: ['test/content/pull-password.test.ts'],
  },
  {
    name: 'A leap of the clock ends a session whose upload is under way.',
    text: '    storage.transactionSync(() => this.#state.tables().updateSessions.keepRunning(read(before, realNow), realNow))\n',
    becomes: '',
    tests: [FORMS],
  },
  {
    name: 'A leap of the clock spares a session that rests.',
    text: ' AND id IN (\n         SELECT session_id FROM update_file JOIN content ON content.key = update_file.content_key\n         WHERE content.lease_until > ?3)',
    becomes: ' AND ?3 > 0',
    tests: [FORMS],
  },
  {
    name: 'A part of a file is taken for the file.',
    text: "  if (range !== null) return failBy(c, 'reading', uploadRangeUnsupported(range))\n",
    becomes: '',
    tests: [FORMS],
  },
  {
    name: 'A body in gzip is limited as it is sent.',
    text: 'length.bytes === undefined || isGzip ?',
    becomes: 'length.bytes === undefined ?',
    tests: [FORMS],
  },
  {
    name: 'A client token in capitals is another one.',
    text: 'const token = given.toLowerCase()',
    becomes: 'const token = given',
    tests: [FORMS],
  },
  {
    name: 'A request over JSON-RPC that means no operation is in no journal.',
    text: "const proof = c.get('known').proof ?? proofIn(c.req.raw, publicUrlOf(c))",
    becomes: 'const proof = proofIn(c.req.raw, publicUrlOf(c))',
    tests: ['test/admin/unrouted.test.ts'],
  },
]
