// A method that an address for bytes does not have: refused as on the other bindings, with the methods that there are.
import { noOperation } from '../../rules/failure.ts'
import type { Render } from '../../http/render.ts'
import { bind, failBy, respond, type AppContext } from '../../http/request-record.ts'

export function refuseMethod(
  c: AppContext,
  binding: 'upload' | 'download',
  render: Render,
  methods: string[],
): Response {
  bind(c, binding, { headers: { allow: methods.join(', ') } })
  return respond(c, render, failBy(c, 'routing', noOperation(`${c.req.method} ${c.req.path}`, methods)))
}
