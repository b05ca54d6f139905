// Small bugs of the client, which the consumer test must notice, and of the provider, which the committed pact must notice.
import { killedBy } from './mutant.ts'

const CANCEL = 'cancel: (id: string) => valueOf(api.POST(`${SESSION}?action=cancel`, sessionPath(id))),'
const asyncCancel = (steps: string) =>
  `cancel: async (id: string) => { ${steps}; return valueOf(api.POST(\`\${SESSION}?action=cancel\`, sessionPath(id))) },`

export const mutants = [
  ...killedBy('test/contract/client.consumer.test.ts', {
    'The client completes what it should cancel.': [CANCEL, CANCEL.replace('=cancel', '=complete')],
    'The client looks for files before it cancels.': [
      CANCEL,
      asyncCancel('await valueOf(api.GET(`${SESSION}/file`, sessionPath(id)))'),
    ],
    'The client takes a refused cancel for a success.': '{+ || response.status === 400+}) return data ',
    'The client takes a session that does not exist for one that is canceled.':
      'if (response.ok{+ || response.status === 404+}) return data as T',
    'The client does not throw a refusal for an API session that has ended.':
      "if (response.{+status === 401) throw new Error('Log in again.')\n  if (response.+}ok) return data as T",
    'The client takes an empty answer for a failure.': 'response.ok{+ && data+}) return data',
    'The client loses the messages of a refusal.':
      '[- = Array.isArray(error?.messages) ? error.messages :-]{+: LocalizableMessage[] =+} []',
    'The client loses the type of a refusal.': 'this.errorType = [-error?.error_type-]{+undefined+}',
    'The client encodes the account in Latin-1.':
      'btoa([-String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`))-]{+`${user}:${password}`+})}`',
    'The client logs in where it asks who it is.': "api.[-GET-]{+POST+}('/session')",
    'The client sends the token under another name.': "vmware-[-api-session-id-]{+session+}': token },",
    'The client does not log out.': "valueOf(api.[-DELETE-]{+GET+}('/session'))",
    'The client wraps the specification of a new session.':
      'valueOf(api.POST(SESSIONS, { body: [-spec-]{+{ create_spec: spec } as UpdateSession+},',
    'The client drops the client token.': "{[- params: { header: { 'Client-Token': clientToken } } -]}",
    'The client reads the files where it should read the session.': 'api.GET([-SESSION-]{+`${SESSION}/file`+},',
    'The client lists the sessions of all items.': '? {} : {[- library_item_id: libraryItemId -]}',
    'The client drops the change of a session.': '{ ...sessionPath(id), body: [-spec-]{+{}+}',
    'The client cancels what it should complete.': '`${SESSION}?action=[-complete-]{+cancel+}`',
    'The client drops the progress.':
      '...(clientProgress !== undefined && { body: { client_progress: clientProgress } }),',
    'The client sends the reason of a failure under another name.':
      'body: { [-client_error_message: clientErrorMessage }-]{+error_message: clientErrorMessage } as never+}',
    'The client reads the session that it should delete.': 'valueOf(api.[-DELETE-]{+GET+}(SESSION,',
    'The client drops the specification of a file.': 'sessionId), body: [-spec-]{+{} as FileSpec+} }',
    'The client reads the session where it should list its files.': 'api.GET([-`${SESSION}/file`-]{+SESSION+},',
    'The client cuts the name of a file at a character that it should encode.':
      "({ params: { path: { updateSessionId, fileName{+: fileName.split('#')[0] ?? ''+} } } })",
    'The client reads the file that it should remove.': 'valueOf(api.[-DELETE-]{+GET+}(`${SESSION',
    'The client adds a file where it should validate.':
      'api.POST(`${SESSION}/file[-?action=validate`, sessionPath(sessionId)-]{+`, sessionPath(sessionId) as never+})',
    'The client leaves a key of the specification in the address.': ".url[-.replace(/\\?\\w+\\?/, '?')-]",
    'The client creates the item that it should find.': 'api.POST([-`${ITEMS}?action=find`-]{+ITEMS+}',
    'The client finds the item that it should create.': 'api.POST([-ITEMS-]{+`${ITEMS}?action=find`+}, {',
    'The client searches items for a library.': "[-'/content/library?action=find'-]{+`${ITEMS}?action=find`+}, {",
  }),
  ...killedBy('test/contract/provider.test.ts', {
    'The provider answers a cancel with 200 and a body.': '=== 204 ? [-withoutBody(204-]{+json(200, {}+})',
    'The provider answers 409 in a wrong state.': 'NOT_ALLOWED_IN_CURRENT_STATE: [-400-]{+409+}',
    'The provider answers 400 for what does not exist.': '\n  NOT_FOUND: [-404-]{+400+}',
    'The provider answers 403 without a login.': 'UNAUTHENTICATED: [-401-]{+403+}',
    'The provider gives another error type in a wrong state.': ': [-notAllowedNow-]{+invalidArgument+}(STATE,',
    'The provider leaves out the error type.': '({ [-error_type: -]type,',
    'The provider leaves out the id of a message.': 'return { [-id, -]default_message',
    'The provider leaves out the arguments of a message.': "Number(index)] ?? '')[-, args-] }",
    'The provider refuses without a message.': 'messages: [[-messageOf(id, text)(...given)-]]',
    'The provider answers a cancel and does not change the state.': "now), [-state: 'CANCELED', -]files",
    'The provider refuses to cancel a session that waits for a file.': [
      "cancel: Cell<EventOf<'cancel'>> = (session, _, now) =>",
      "cancel: Cell<EventOf<'cancel'>> = (session, _, now) => whyNotReceived(session.files) ? fail(filesMissing([])) :",
    ],
    'The provider cancels a session that is DONE.': 'DONE: [-ended-]{+{ ...ended, cancel }+}',
    'The provider cancels a session that is in ERROR.': 'ERROR: [-ended-]{+{ ...ended, cancel }+}',
    'The provider cancels a session twice.': 'CANCELED: [-ended-]{+{ ...ended, cancel }+}',
    'The provider knows a token after the logout.': 'store.apiSessions.remove(store.caller.token)',
    'The provider gives no address to upload to.': '[-upload_endpoint-]{+upload+}: { uri:',
    'The provider says nothing of the time of expiry.':
      'state: shown(session),[-\n  expiration_time: new Date(session.expiresAt).toISOString(),-]',
  }),
]
