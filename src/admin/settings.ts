// What a sandbox does in its own time: how long things live, and how long a completion takes.
import * as z from 'zod'
import type { Settings } from '../operations/operation.ts'
import { Duration } from './duration.ts'
import { route } from './route.ts'

const LONGEST_MS = 30 * 86_400_000
const Span = Duration.refine((ms) => ms > 0 && ms <= LONGEST_MS, 'write a time above 0 and up to 30 days')

const SettingsSpec = z
  .strictObject({
    session_idle: Span,
    session_retention: Span,
    api_session_idle: Span,
    content_retention: z.enum(['keep', 'discard']),
    store_bytes: z.int().min(1),
  })
  .partial()

const Transitions = z.strictObject({
  complete: z.union(
    [
      z.literal('at-once').transform(() => ({ completionMs: 0 })),
      z.strictObject({ after: Span }).transform(({ after }) => ({ completionMs: after })),
    ],
    'write "at-once" or {"after": "10s"}',
  ),
})

const show = ({ sessionIdleMs, sessionRetentionMs, apiSessionIdleMs, retention, storeBytes }: Settings) => ({
  session_idle: sessionIdleMs / 1000,
  session_retention: sessionRetentionMs / 1000,
  api_session_idle: apiSessionIdleMs / 1000,
  content_retention: retention,
  store_bytes: storeBytes,
})

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
      await sandbox.changeSettings({
        ...(body.session_idle !== undefined && { sessionIdleMs: body.session_idle }),
        ...(body.session_retention !== undefined && { sessionRetentionMs: body.session_retention }),
        ...(body.api_session_idle !== undefined && { apiSessionIdleMs: body.api_session_idle }),
        ...(body.content_retention && { retention: body.content_retention }),
        ...(body.store_bytes !== undefined && { storeBytes: body.store_bytes }),
      })
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
