// The worker of the kills: the product's own, with ways to choose a point and to look at what its tables know.
import { env, waitUntil } from 'cloudflare:workers'
import worker, { Pull, Sandbox } from '../../src/index.ts'
import { partsOf } from '../../src/content/bucket.ts'
import { contentKeyIn } from '../../src/content/parts.ts'
import { listSandboxes, markerKey } from '../../src/sandbox/markers.ts'
import { exists, MARKER } from '../../src/sandbox/tables/schema.ts'
import { IS_HELD_RIGHT } from '../support/held.ts'
import { choose, passed, repeatWith, type Choice, type Rows } from './point.ts'

export { Pull, Sandbox } from '../../src/index.ts'

/** What objects are told by others, who may tell it again. */
const TOLD = ['alarm', 'reportProgress', 'endTransfer', 'takeUpload', 'start']
type Methods = Record<string, (this: DurableObject, ...args: unknown[]) => Promise<unknown>>
type DurableObject = { ctx: DurableObjectState }
/** What is added to the objects here. */
type Added = {
  tellAgain: (method: string, args: unknown[]) => Promise<void>
  rows: () => Promise<Rows>
  age: () => Promise<void>
}
const object = (binding: 'SANDBOXES' | 'PULLS', name: string) => env[binding].getByName(name) as unknown as Added
/** The last of each kind that each object was told. */
const told = new Map<string, () => Promise<void>>()
let underWay = 0

for (const [binding, { prototype }] of [
  ['SANDBOXES', Sandbox],
  ['PULLS', Pull],
] as const) {
  const methods = prototype as unknown as Methods
  for (const method of TOLD) {
    const run = methods[method]
    if (!run) continue
    methods[method] = function (...args) {
      const { name = '' } = this.ctx.id
      told.set(`${binding} ${name} ${method}`, () => object(binding, name).tellAgain(method, args))
      underWay += 1
      return run.apply(this, args).finally(() => (underWay -= 1))
    }
  }
  methods['tellAgain'] = async function (method, args) {
    await methods[String(method)]?.apply(this, args as unknown[])
  }
}

repeatWith(() => {
  for (const tell of told.values())
    waitUntil(tell().catch((error: unknown) => console.log('told again in vain:', String(error))))
})

const added = Sandbox.prototype as unknown as Methods
added['rows'] = async function (): Promise<Rows> {
  const { sql, kv } = this.ctx.storage
  if (sql.exec(`SELECT 1 FROM sqlite_schema WHERE name = 'content'`).toArray().length === 0)
    return { content: [], inRows: [], published: [], markers: [], isHeldRight: true }
  const markers = exists(this.ctx.storage) ? [kv.get<{ key: string }>(MARKER)?.key ?? 'none'] : []
  const keys = (query: string) => Array.from(sql.exec<{ key: string }>(query), ({ key }) => key)
  return {
    content: keys('SELECT key FROM content UNION ALL SELECT key FROM small_content'),
    inRows: keys('SELECT key FROM small_content'),
    published: keys('SELECT content_key AS key FROM item_file'),
    markers,
    isHeldRight: sql.exec(IS_HELD_RIGHT).one()['is_right'] === 1,
  }
}
/** It was used long ago, and its alarm comes to see that, or what is left to do; what it remembers is forgotten. */
added['age'] = async function () {
  const { storage } = this.ctx
  if (Array.from(storage.kv.list()).length === 0) return
  if (storage.kv.get('used-at') !== undefined) storage.kv.put('used-at', 0)
  await storage.setAlarm(Date.now())
  await storage.sync()
  this.ctx.abort()
}

export default {
  async fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Env, ctx: ExecutionContext) {
    const { pathname, searchParams } = new URL(request.url)
    const name = searchParams.get('sandbox') ?? ''
    const sandbox = object('SANDBOXES', name)
    const prefix = `${env.SANDBOXES.idFromName(name).toString()}/`
    switch (pathname) {
      case '/__kills/choose': {
        const { choice } = await request.json<{ choice?: Choice }>()
        told.clear()
        choose(choice)
        return new Response(null, { status: 204 })
      }
      case '/__kills/passed':
        return Response.json({ passed: [...passed], underWay })
      case '/__kills/rows':
        return Response.json(await sandbox.rows())
      case '/__kills/stored':
        return Response.json([
          ...new Set((await env.CONTENT.list({ prefix })).objects.map(({ key }) => contentKeyIn(key))),
        ])
      case '/__kills/markers': {
        const listed = await listSandboxes(partsOf(env))
        return Response.json(listed.filter((each) => each.name === name).map(markerKey))
      }
      case '/__kills/orphan':
        await env.CONTENT.put(`${prefix}orphan/0`, 'of a sandbox that forgot it')
        return new Response(null, { status: 204 })
      case '/__kills/age':
        await sandbox.age().catch(() => undefined) // it ends with the object
        return new Response(null, { status: 204 })
      default:
        return worker.fetch(request, env, ctx)
    }
  },
} satisfies ExportedHandler<Env>
