// The sandboxes there are.
import { partsOf } from '../content/bucket.ts'
import { listSandboxes } from '../sandbox/markers.ts'
import { removeFiles } from '../sandbox/state-folder.ts'
import { nameOf, route } from './route.ts'
import type { SandboxesView } from './view-shapes.ts'

const RESETS_AT_ONCE = 50

export const sandboxes = [
  route('GET /sandboxes', {}, async ({ env }): Promise<SandboxesView> => ({
    sandboxes: (await listSandboxes(partsOf(env))).map(({ name, createdAt }) => ({
      name,
      created_at: new Date(createdAt).toISOString(),
    })),
  })),
  route('POST /sandboxes/reset', {}, async ({ env }) => {
    const names = (await listSandboxes(partsOf(env))).map(({ name }) => name)
    for (let at = 0; at < names.length; at += RESETS_AT_ONCE)
      await Promise.all(names.slice(at, at + RESETS_AT_ONCE).map((name) => env.SANDBOXES.getByName(name).reset()))
    return { reset: names.length }
  }),
  route('DELETE /sandboxes/:id', {}, async ({ env, id }) => {
    const name = nameOf(id)
    try {
      await env.SANDBOXES.getByName(name).remove()
    } catch (error) {
      // One whose file is damaged cannot remove itself.
      if (!(await removeFiles(env, name))) throw error
    }
  }),
]
