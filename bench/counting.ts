// A worker that counts what it asks of Durable Objects and of the disk of its content, for its requests and its objects alike.

/** Where a counted worker tells its counts, by binding and method, and begins anew. */
export const COUNTS = '/__counts'
/** The binding of the disk, whose calls are counted by the method of HTTP. */
export const DISK = 'BYTES'

/** A module around the main one, in which the bindings are wrapped. */
export const countingModule = (main: string, objects: Record<string, string>): string => `
import * as worker from './${main}'
const counts = {}
const count = (name) => { counts[name] = (counts[name] ?? 0) + 1 }
const wrapped = (target, nameOf) => new Proxy(target, {
  get(_, method) {
    const member = target[method]
    if (typeof member !== 'function' || method === 'then') return member
    return (...given) => { count(nameOf(String(method), given)); return target[method](...given) }
  },
})
const namespace = (target, name) => new Proxy(target, {
  get(_, method) {
    const member = target[method]
    if (typeof member !== 'function') return member
    return (...given) => {
      const result = target[method](...given)
      return method === 'get' || method === 'getByName' ? wrapped(result, (called) => name + '.' + called) : result
    }
  },
})
const counted = (env) => ({
  ...env,
  ...Object.fromEntries(${JSON.stringify(Object.keys(objects))}.map((name) => [name, namespace(env[name], name)])),
  ${DISK}: wrapped(env.${DISK}, (_, [, init]) => '${DISK}.' + (init?.method ?? 'GET')),
})
${Object.values(objects)
  .map((name) => `export class ${name} extends worker.${name} { constructor(ctx, env) { super(ctx, counted(env)) } }`)
  .join('\n')}
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '${COUNTS}') return worker.default.fetch(request, counted(env), ctx)
    const told = Response.json(counts)
    for (const name of Object.keys(counts)) delete counts[name]
    return told
  },
}
`
