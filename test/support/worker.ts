// The worker with other bindings than those of the tests.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { app } from '../../src/app.ts'

/** As a deployment answers that has these, or lacks them. */
export const fetchWith = async (bindings: Partial<Record<keyof Env, unknown>>, request: Request): Promise<Response> =>
  app.fetch(request, { ...env, ...bindings }, createExecutionContext())
