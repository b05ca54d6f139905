// The mock and what one would pick instead, each set up as its documentation says to play the life of an update session: create,
// cancel, cancel again, delete.
import { mkdir, writeFile } from 'node:fs/promises'
import { ITEM, LIBRARY } from '../../test/support/client.ts'
import { SESSIONS_PATH } from '../load.ts'
import { installMock, installNpm, installVcsim, installWireMock } from './install.ts'
import type { Ask } from './wire.ts'

/** One whole life; those of one lane come one after the other. */
export type Life = (ask: Ask, lane: number) => Promise<void>
export type Peer = {
  name: string
  install: () => Promise<string>
  /** What of the folder is installed. */
  size: string
  /** Writes its configuration, where it has one, and answers what to run. */
  prepare: (folder: string, port: number) => Promise<string[]>
  /** What comes before the first life; so many run at the same time. */
  begin: (ask: Ask, lanes: number) => Promise<Life>
}

const node = process.execPath
const idIn = (text: string): string => String(JSON.parse(text))
const valueIn = (text: string): string => (JSON.parse(text) as { value: string }).value

/** A whole life where no login and no item is needed: of these statuses, and at these addresses. */
const lifeAt = (
  sessions: string,
  cancelOf: (session: string) => string,
  [first, second]: [number, number],
): Peer['begin'] => {
  return async () => async (ask, lane) => {
    const session = `${sessions}/${idIn(await ask('POST', sessions, 201, { library_item_id: `item-${lane}` }))}`
    await ask('POST', cancelOf(session), first)
    await ask('POST', cancelOf(session), second)
    await ask('DELETE', session, 204)
  }
}
const likeMock = lifeAt(SESSIONS_PATH, (session) => `${session}?action=cancel`, [204, 400])
/** Fixed answers, which know no state; a path with a query in it is no path of theirs. */
const fixed = lifeAt('/session', (session) => `${session}/cancel`, [204, 204])

const mock: Peer = {
  name: 'this mock, command',
  install: installMock,
  size: 'node_modules',
  prepare: async (folder, port) => [
    node,
    `${folder}/node_modules/update-session-mock/dist/node/command.js`,
    '--port',
    `${port}`,
  ],
  begin: async (ask, lanes) => {
    const authorization = `Basic ${btoa('bench:secret')}`
    const headers = {
      'vmware-api-session-id': idIn(await ask('POST', '/api/session', 201, undefined, { authorization })),
    }
    const items = [ITEM]
    while (items.length < lanes)
      items.push(
        idIn(
          await ask(
            'POST',
            '/api/content/library/item',
            201,
            { library_id: LIBRARY, name: `${items.length}` },
            headers,
          ),
        ),
      )
    return async (ask, lane) => {
      const id = idIn(await ask('POST', SESSIONS_PATH, 201, { library_item_id: items[lane] }, headers))
      await ask('POST', `${SESSIONS_PATH}/${id}?action=cancel`, 204, undefined, headers)
      await ask('POST', `${SESSIONS_PATH}/${id}?action=cancel`, 400, undefined, headers)
      await ask('DELETE', `${SESSIONS_PATH}/${id}`, 204, undefined, headers)
    }
  },
}

/** The same in a process that starts it as a test does. */
const embedded: Peer = {
  ...mock,
  name: 'this mock, `start()`',
  prepare: async (folder, port) => {
    const script = `import { start } from 'update-session-mock'\nawait start({ port: ${port} })\n`
    await writeFile(`${folder}/start.js`, script)
    return [node, `${folder}/start.js`]
  },
}

/** It speaks /rest alone, and takes the second cancel for a first. */
const vcsim: Peer = {
  name: 'vcsim (in memory, no checks)',
  install: installVcsim,
  size: 'vcsim',
  prepare: async (folder, port) => [`${folder}/vcsim`, `127.0.0.1:${port}`],
  begin: async (ask, lanes) => {
    const rest = '/rest/com/vmware'
    const sessions = `${rest}/content/library/item/update-session`
    const authorization = `Basic ${btoa('user:pass')}`
    const login = await ask('POST', `${rest}/cis/session`, 200, undefined, { authorization })
    const headers = { 'vmware-api-session-id': valueIn(login) }
    const create = async (path: string, create_spec: object) =>
      valueIn(await ask('POST', `${rest}/content/${path}`, 200, { create_spec }, headers))
    const storage_backings = [{ type: 'DATASTORE', datastore_id: 'datastore-59' }]
    const library_id = await create('local-library', { name: 'bench', type: 'LOCAL', storage_backings })
    const items: string[] = []
    while (items.length < lanes) items.push(await create('library/item', { library_id, name: `bench-${items.length}` }))
    return async (ask, lane) => {
      const create_spec = { library_item_id: items[lane] }
      const id = valueIn(await ask('POST', sessions, 200, { create_spec }, headers))
      await ask('POST', `${sessions}/id:${id}?~action=cancel`, 200, undefined, headers)
      await ask('POST', `${sessions}/id:${id}?~action=cancel`, 200, undefined, headers)
      await ask('DELETE', `${sessions}/id:${id}`, 200, undefined, headers)
    }
  },
}

/** A scenario, which holds one state, for each item: sessions that it did not foresee have none. */
const wireMock: Peer = {
  name: 'WireMock 3.13 (scenarios)',
  install: installWireMock,
  size: 'jar',
  prepare: async (folder, port) => {
    await mkdir(`${folder}/mappings`, { recursive: true })
    const mappings = Array.from({ length: 16 }, (_, lane) => scenarioOf(lane)).flat()
    await writeFile(`${folder}/mappings/sessions.json`, JSON.stringify({ mappings }))
    const jar = `${folder}/jar/wiremock-standalone-3.13.0.jar`
    return ['java', '-jar', jar, '--port', `${port}`, '--root-dir', folder, '--disable-banner']
  },
  begin: likeMock,
}

function scenarioOf(lane: number): object[] {
  const id = `session-${lane}`
  const step = (from: string, to: string, request: object, status: number, jsonBody?: unknown) => ({
    scenarioName: id,
    requiredScenarioState: from,
    newScenarioState: to,
    request,
    response: { status, ...(jsonBody !== undefined && { jsonBody }) },
  })
  const bodyPatterns = [{ matchesJsonPath: { expression: '$.library_item_id', equalTo: `item-${lane}` } }]
  const cancel = {
    method: 'POST',
    urlPath: `${SESSIONS_PATH}/${id}`,
    queryParameters: { action: { equalTo: 'cancel' } },
  }
  const refusal = { error_type: 'NOT_ALLOWED_IN_CURRENT_STATE', messages: [] }
  return [
    step('Started', 'ACTIVE', { method: 'POST', urlPath: SESSIONS_PATH, bodyPatterns }, 201, id),
    step('ACTIVE', 'CANCELED', cancel, 204),
    step('CANCELED', 'CANCELED', cancel, 400, refusal),
    step('CANCELED', 'Started', { method: 'DELETE', urlPath: `${SESSIONS_PATH}/${id}` }, 204),
  ]
}

/** Handlers as one would write them, with a map of sessions, behind its server for Node. */
const msw: Peer = {
  name: 'MSW server (stateful)',
  install: () => installNpm('msw@2.15.0', '@mswjs/http-middleware@0.10.3'),
  size: 'node_modules',
  prepare: async (folder, port) => {
    await writeFile(`${folder}/server.js`, mswServer)
    return [node, `${folder}/server.js`, `${port}`]
  },
  begin: likeMock,
}
const mswServer = `
import { createServer } from '@mswjs/http-middleware'
import { http, HttpResponse } from 'msw'
const states = new Map()
const path = '${SESSIONS_PATH}'
createServer(
  http.post(path, async ({ request }) => {
    await request.json()
    const id = crypto.randomUUID()
    states.set(id, 'ACTIVE')
    return HttpResponse.json(id, { status: 201 })
  }),
  http.post(path + '/:id', ({ params: { id } }) => {
    if (states.get(id) !== 'ACTIVE')
      return HttpResponse.json({ error_type: 'NOT_ALLOWED_IN_CURRENT_STATE', messages: [] }, { status: 400 })
    states.set(id, 'CANCELED')
    return new HttpResponse(null, { status: 204 })
  }),
  http.delete(path + '/:id', ({ params: { id } }) => new HttpResponse(null, { status: states.delete(id) ? 204 : 404 })),
).listen(Number(process.argv[2]), '127.0.0.1')
`

/** A document with the four calls. */
const prism: Peer = {
  name: 'Prism 5.16',
  install: () => installNpm('@stoplight/prism-cli@5.16.0'),
  size: 'node_modules',
  prepare: async (folder, port) => {
    await writeFile(`${folder}/openapi.json`, JSON.stringify(openapi))
    const cli = `${folder}/node_modules/@stoplight/prism-cli/dist/index.js`
    return [node, cli, 'mock', '--port', `${port}`, `${folder}/openapi.json`]
  },
  begin: fixed,
}
const text = { type: 'string' }
const json = (schema: object, example?: string) => ({ 'application/json': { schema, ...(example && { example }) } })
const parameters = [{ name: 'id', in: 'path', required: true, schema: text }]
const openapi = {
  openapi: '3.0.3',
  info: { title: 'sessions', version: '1' },
  paths: {
    '/session': {
      post: {
        requestBody: { content: json({ type: 'object', properties: { library_item_id: text } }) },
        responses: { 201: { description: 'created', content: json(text, 'session-1') } },
      },
    },
    '/session/{id}/cancel': { post: { parameters, responses: { 204: { description: 'cancelled' } } } },
    '/session/{id}': { delete: { parameters, responses: { 204: { description: 'deleted' } } } },
  },
}

/** It stores any record that it is given, and writes its file on each change. */
const jsonServer: Peer = {
  name: 'json-server',
  install: () => installNpm('json-server@0.17.4'),
  size: 'node_modules',
  prepare: async (folder, port) => {
    await writeFile(`${folder}/db.json`, '{ "sessions": [] }')
    const cli = `${folder}/node_modules/json-server/lib/cli/bin.js`
    return [node, cli, '--quiet', '--host', '127.0.0.1', '--port', `${port}`, `${folder}/db.json`]
  },
  begin: async () => async (ask, lane) => {
    const created = await ask('POST', '/sessions', 201, { library_item_id: `item-${lane}`, state: 'ACTIVE' })
    const { id } = JSON.parse(created) as { id: number }
    await ask('PATCH', `/sessions/${id}`, 200, { state: 'CANCELED' })
    await ask('PATCH', `/sessions/${id}`, 200, { state: 'CANCELED' })
    await ask('DELETE', `/sessions/${id}`, 200)
  },
}

const mockoon: Peer = {
  name: 'Mockoon 9.9',
  install: () => installNpm('@mockoon/cli@9.9.0'),
  size: 'node_modules',
  prepare: async (folder, port) => {
    await writeFile(`${folder}/data.json`, JSON.stringify(mockoonData))
    const cli = `${folder}/node_modules/@mockoon/cli/bin/run.js`
    return [
      node,
      cli,
      'start',
      '--data',
      `${folder}/data.json`,
      '--port',
      `${port}`,
      '--repair',
      '--disable-log-to-file',
    ]
  },
  begin: fixed,
}
const mockoonRoute = (method: string, endpoint: string, statusCode: number, body = '') => ({
  uuid: crypto.randomUUID(),
  type: 'http',
  method,
  endpoint,
  responses: [{ uuid: crypto.randomUUID(), statusCode, body, default: true }],
})
const mockoonData = {
  uuid: crypto.randomUUID(),
  name: 'sessions',
  hostname: '127.0.0.1',
  routes: [
    mockoonRoute('post', 'session', 201, '"session-1"'),
    mockoonRoute('post', 'session/:id/cancel', 204),
    mockoonRoute('delete', 'session/:id', 204),
  ],
}

export const peers: Peer[] = [mock, embedded, vcsim, wireMock, msw, prism, jsonServer, mockoon]
