// The mock with a door: what no client can ask, and what fills a sandbox faster than requests do.
import { ask } from './load.ts'

const DOOR = '/__door'

/** A module around the main one: it calls any method of a sandbox, and one more, which runs SQL. */
export const openedModule = (main: string): string => `
import * as worker from './${main}'
export { Pull } from './${main}'
export class Sandbox extends worker.Sandbox {
  exec(statements) {
    for (const [statement, ...values] of statements) this.ctx.storage.sql.exec(statement, ...values)
  }
}
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '${DOOR}') return worker.default.fetch(request, env, ctx)
    const { sandbox, method, args } = await request.json()
    return Response.json((await env.SANDBOXES.getByName(sandbox)[method](...args)) ?? null)
  },
}
`

export type Statement = [sql: string, ...values: (string | number)[]]

/** Calls a method of a sandbox on a server that is open. */
export async function callSandbox(url: string, sandbox: string, method: string, ...args: unknown[]): Promise<unknown> {
  return JSON.parse(
    await ask({ method: 'POST', url: `${url}${DOOR}`, body: { sandbox, method, args }, expect: 200 }),
  ) as unknown
}

export async function runSql(url: string, sandbox: string, statements: Statement[]): Promise<void> {
  await callSandbox(url, sandbox, 'exec', statements)
}
