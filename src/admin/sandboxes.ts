// The sandboxes there are, and the requests that belonged to none.
import { THE_DIRECTORY } from '../sandbox/directory.ts'
import { nameOf, route } from './route.ts'

/** So many are asked at the same time. */
const AT_ONCE = 50

const directory = (env: Env) => env.DIRECTORY.getByName(THE_DIRECTORY)

export const sandboxes = [
  route({
    method: 'GET',
    path: '/sandboxes',
    summary: 'The sandboxes that somebody has used, the newest first.',
    run: async ({ env }) => ({
      sandboxes: (await directory(env).list()).map(({ name, createdAt }) => ({
        name,
        created_at: new Date(createdAt).toISOString(),
      })),
    }),
  }),
  route({
    method: 'POST',
    path: '/sandboxes/reset',
    summary: 'Resets every sandbox.',
    run: async ({ env }) => {
      const names = (await directory(env).list()).map(({ name }) => name)
      for (let at = 0; at < names.length; at += AT_ONCE)
        await Promise.all(names.slice(at, at + AT_ONCE).map((name) => env.SANDBOXES.getByName(name).reset()))
      return { reset: names.length }
    },
  }),
  route({
    method: 'DELETE',
    path: '/sandboxes/:id',
    summary: 'Removes a sandbox and all it holds.',
    run: ({ env, id }) => env.SANDBOXES.getByName(nameOf(id)).remove(),
  }),
]
