// A bundle that counts what it asks of Durable Objects and of R2, for its requests and its objects alike.
import type { MiniflareOptions } from 'miniflare'

type Worker = Extract<MiniflareOptions, { workers: unknown }>['workers'][number]

/** Where a counted worker tells its counts, by binding and method, and begins anew. */
export const COUNTS = '/__counts'

/** The same worker behind a module that wraps the bindings it gets. */
export function countCalls({ config, ...worker }: Worker): Worker {
  const { manifest, exports = {}, env = {} } = config
  if (!manifest) throw new Error('A worker without a manifest has no modules to count in.')
  const of = (type: string) => Object.keys(env).filter((name) => env[name]?.type === type)
  const contents = moduleOf(manifest.mainModule, Object.keys(exports), of('durable-object'), of('r2'))
  const modules = { ...manifest.modules, 'counted.js': { type: 'esm' as const, contents } }
  return { ...worker, config: { ...config, manifest: { ...manifest, mainModule: 'counted.js', modules } } }
}

const moduleOf = (main: string, classes: string[], objects: string[], buckets: string[]): string => `
import * as worker from './${main}'
const counts = {}
const count = (name) => { counts[name] = (counts[name] ?? 0) + 1 }
const wrapped = (target, name, change = (result) => result) => new Proxy(target, {
  get(_, method) {
    const member = target[method]
    if (typeof member !== 'function' || method === 'then') return member
    return (...given) => { count(name + '.' + String(method)); return change(target[method](...given), String(method)) }
  },
})
const namespace = (target, name) => new Proxy(target, {
  get(_, method) {
    const member = target[method]
    if (typeof member !== 'function') return member
    return (...given) => {
      const result = target[method](...given)
      return method === 'get' || method === 'getByName' ? wrapped(result, name) : result
    }
  },
})
const bucket = (target, name) => wrapped(target, name, (result, method) =>
  method === 'createMultipartUpload' ? result.then((upload) => wrapped(upload, name)) : result)
const counted = (env) => ({
  ...env,
  ...Object.fromEntries(${JSON.stringify(objects)}.map((name) => [name, namespace(env[name], name)])),
  ...Object.fromEntries(${JSON.stringify(buckets)}.map((name) => [name, bucket(env[name], name)])),
})
${classes.map((name) => `export class ${name} extends worker.${name} { constructor(ctx, env) { super(ctx, counted(env)) } }`).join('\n')}
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '${COUNTS}') return worker.default.fetch(request, counted(env), ctx)
    const told = Response.json(counts)
    for (const name of Object.keys(counts)) delete counts[name]
    return told
  },
}
`
