// Small bugs in how real clients log in and spell their requests.
import { killedBy } from './mutant.ts'

export const mutants = [
  ...killedBy('test/rules/own-origin.test.ts', {
    'A page of another port of this machine counts as one of the mock.':
      "return site [-=== 'same-origin' || site === 'none-]{+!== 'cross-site+}'",
  }),
  ...killedBy('test/bindings/proofs.test.ts', {
    'A page of another site cancels a session with the cookie of its user.':
      'if (cookies === null[- || !isOwnOrigin(request.headers, request.url, publicUrl)-]) return undefined',
    'A cookie outranks the password that is sent beside it.': [
      'if (authorization === null) return cookieIn(request, TOKEN_HEADER, publicUrl)',
      `const cookie = cookieIn(request, TOKEN_HEADER, publicUrl)
  if (cookie || authorization === null) return cookie`,
    ],
    'A bad proof gives way to the next one.': "  if (token[- !== null-]{+?.includes('.')+}) return",
    'A login looks at the token of the request instead of its password.':
      '[-operation.login ? credentialsIn(c.req.raw) : -]proofIn(',
    'A client that wants a header gets a cookie.': '&& c.req.header(NO_COOKIE) === undefined',
    'Behind a proxy with a path of its own no client sends the cookie back.': '= { path[-: whole-],',
    'A logout leaves the cookie.': '(!result.ok || ![-(operation.login || isLogout)-]{+operation.login+}',
  }),
  ...killedBy('test/bindings/json-rpc/json-rpc.test.ts', {
    'A login over JSON-RPC takes a session where a password is due.': '[-!isLogin && -]sessionId !==',
  }),
  ...killedBy('test/http/plain-http.test.ts', {
    'A password that comes by plain http is taken in a call that is no login.':
      "if (isPassword && {+!c.req.query('action') && +}c.get('settings').plainHttpLogin === 'off'",
  }),
  ...killedBy('test/http/login-limit.test.ts', {
    'An address above the limit is let in with a password that is new here: it can go on guessing.':
      'if ({+isRight || +}(refusedUntil.get(address) ?? 0) <= Date.now()) {',
    'An address above the limit is refused a password that is known here.':
      'if (isRight && met.has(proof)) return true',
    'Right passwords count.': 'if (isRight{+ && (await limiter.limit({ key: address })).success+}) {',
  }),
  ...killedBy('test/rules/credentials.test.ts', {
    'A password is right if it ends well.': 'difference [-|-]= given.charCodeAt',
    'A password is right if it repeats the right one.': 'difference = [-given.length ^ secret.length-]{+0+}',
    'A pattern of user names fits none.': '&& [-fitsGlob(user, each.user)-]{+user === each.user+}',
  }),
  ...killedBy('test/bindings/soap/pyvmomi.test.ts', {
    'pyvmomi sees the datastores of a view that shows none.': "name[- === DATASTORES_VIEW-]{+.startsWith('view-')+}",
    'A view is given without a login.': '[-session.ok-]{+true+} ? ok(reference(',
  }),
  ...killedBy('test/node/broken-connections.test.ts', {
    'A fault of a connection before the operation carries it out.':
      "if (when === 'before') return injected('SERVICE_UNAVAILABLE', 'A fault breaks the connection before the operation.')",
    'A fault of a connection does nothing to an answer without a body.': 'return [-close(heldMs)-]{+response+}',
    'An upload that is to break is taken in whole.':
      '[-fault ? breakingBody(bodyOf(request), fault) : -]bodyOf(request)',
    'The runtime writes of each connection that a fault breaks.': [
      "Object.assign(new Error('a fault breaks the connection'), { retryable: true })",
      "new Error('a fault breaks the connection')",
    ],
    'A client that is to be cut off reads that its upload was interrupted.': '[-isMidUpload || -]when === ',
    'An answer that is to break after so many bytes is whole where it is shorter.': '0), length[- - 1-]',
  }),
  ...killedBy('test/admin/faults.test.ts', {
    'Provider states meet the faults of their sandbox.': '[-if (isSpared) return {}\n    -]const before',
    'Connections are broken where a proxy repeats requests.':
      "if (connection && env.OWN_CONNECTIONS !== 'on') throw new AdminFailure(422, NO_CONNECTIONS)",
  }),
  ...killedBy('test/admin/session-changes.test.ts', {
    'A session whose completion is to fail is DONE.': 'session.failsWith {+=== null +}? ',
    'Storage forgets that a completion is to fail.': '{ files: _, {+failsWith: __, +}...head }',
  }),
  ...killedBy('test/rules/file.test.ts', {
    'A file that has not arrived is validated.': [
      "const hasArrived = file.status === 'READY' || file.status === 'VALIDATING'",
      "const hasArrived = 'received' in file || file.status === 'ERROR'",
    ],
  }),
  ...killedBy('test/content/pull-password.test.ts', {
    'The password of a source stands in the answers.': '[-splitSource(file.source.uri)-]{+file.source+}.uri',
  }),
  ...killedBy('test/bindings/rest/client-forms.test.ts', {
    'A leap of the clock ends a session whose upload is under way.':
      'storage.transactionSync(() => this.#state.tables().updateSessions.keepRunning(leaptFrom, realNow))',
    'A leap of the clock spares a session that rests.': `AND [-id IN (
         SELECT session_id FROM update_file JOIN content ON content.key = update_file.content_key
         WHERE content.lease_until > ?3)-]{+?3 > 0+}`,
    'A part of a file is taken for the file.':
      "if (range !== null) return failBy(c, 'reading', failures.uploadRangeUnsupported(range))",
    'A body in gzip is limited as it is sent.': '!== undefined[- && !isGzip-]\n',
    'A client token in capitals is another one.': 'client_token[-.toLowerCase()-]',
  }),
  ...killedBy('test/admin/unrouted.test.ts', {
    'A request over JSON-RPC that means no operation is in no journal.': "[-c.get('known').proof ?? -]proofIn",
  }),
]
