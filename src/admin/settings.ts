// What a sandbox does in its own time: how long things live, and how long a completion takes.
import * as z from 'zod'
import { text, type Settings } from '../operations/operation.ts'
import { sandboxSettings } from '../rules/settings.ts'
import { Duration } from './duration.ts'
import { route } from './route.ts'

/** A field for each setting that a test may change: as a text, as in its variable, or a number. */
const SettingsSpec = z
  .strictObject(
    Object.fromEntries(
      sandboxSettings.map(({ admin, read, wanted }) => [
        admin,
        z.union([z.number(), text(32)], `write ${wanted}`).transform((given, context) => {
          const value = read(`${given}`)
          if (value === undefined) context.addIssue(`write ${wanted}`)
          return value
        }),
      ]),
    ),
  )
  .partial()

const LONGEST_MS = 30 * 86_400_000
const Span = Duration.refine((ms) => ms > 0 && ms <= LONGEST_MS, 'write a time above 0 and up to 30 days')

const Transitions = z.strictObject({
  complete: z.union(
    [
      z.literal('at-once').transform(() => ({ completionMs: 0 })),
      z.strictObject({ after: Span }).transform(({ after }) => ({ completionMs: after })),
    ],
    'write "at-once" or {"after": "10s"}',
  ),
})

const show = (settings: Settings) =>
  Object.fromEntries(
    sandboxSettings.map(({ admin, name, type }) => [
      admin,
      type === 'time' ? Number(settings[name]) / 1000 : settings[name],
    ]),
  )

const shown = ({ completionMs }: Settings) => ({
  complete: completionMs === 0 ? 'at-once' : { after: completionMs / 1000 },
})

export const settings = [
  route({
    method: 'GET',
    path: '/settings',
    summary: 'How long sessions and logins live here, in seconds, whether bytes are kept, and how many.',
    run: async ({ sandbox }) => show((await sandbox.view({})).settings),
  }),
  route({
    method: 'POST',
    path: '/settings',
    summary: 'Changes the settings that are named, for sessions created from now on.',
    body: SettingsSpec,
    run: async ({ sandbox, body }) => {
      const changes = sandboxSettings.flatMap(({ admin, name }) => (admin in body ? [[name, body[admin]]] : []))
      await sandbox.changeSettings(Object.fromEntries(changes) as Partial<Settings>) // as each setting reads its own
      return show((await sandbox.view({})).settings)
    },
  }),
  route({
    method: 'GET',
    path: '/transitions',
    summary: 'When a completed session is DONE.',
    run: async ({ sandbox }) => shown((await sandbox.view({})).settings),
  }),
  route({
    method: 'PUT',
    path: '/transitions',
    summary: 'Makes a completed session DONE at once, or after a time.',
    body: Transitions,
    run: async ({ sandbox, body }) => {
      await sandbox.changeSettings(body.complete)
      return shown((await sandbox.view({})).settings)
    },
  }),
]
