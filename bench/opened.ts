// The mock with a path for SQL, which fills a sandbox faster than requests do.
import { ask } from './load.ts'

const SQL_PATH = '/__sql'

/** A module around the main one: it runs SQL in a sandbox. */
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
    if (new URL(request.url).pathname !== '${SQL_PATH}') return worker.default.fetch(request, env, ctx)
    const { sandbox, statements } = await request.json()
    await env.SANDBOXES.getByName(sandbox).exec(statements)
    return new Response(null, { status: 204 })
  },
}
`

export type Statement = [sql: string, ...values: (string | number)[]]

/** On a server that is open. */
export async function runSql(url: string, sandbox: string, statements: Statement[]): Promise<void> {
  await ask({ method: 'POST', url: `${url}${SQL_PATH}`, body: { sandbox, statements }, expect: 204 })
}
