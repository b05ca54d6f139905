// The worker with other bindings than those of the tests.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { answer, app } from '../../src/app.ts'
import type { UpdateFile } from './client.ts'

/** As a deployment answers that has these, or lacks them. */
export const fetchWith = async (bindings: Partial<Record<keyof Env, unknown>>, request: Request): Promise<Response> =>
  app.fetch(request, { ...env, ...bindings }, createExecutionContext())

/** Uploads by such a worker, and waits for what it does after its answer. */
export async function uploadWith(bindings: Partial<Env>, { upload_endpoint }: UpdateFile, body: BodyInit) {
  const context = createExecutionContext()
  const request = new Request(upload_endpoint?.uri ?? '', { method: 'PUT', body })
  const { status } = await answer(request, { ...env, ...bindings }, context)
  await waitOnExecutionContext(context)
  return status
}
