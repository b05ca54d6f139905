// What a sandbox does in its own time: how long things live, and how long a completion takes.
import type { Settings } from '../operations/store.ts'
import { sandboxSettings } from '../rules/settings.ts'
import { route } from './route.ts'
import { SettingsSpec, TransitionsSpec } from './shapes.ts'

const showSettings = (settings: Settings) =>
  Object.fromEntries(
    sandboxSettings.map(({ admin, name, isTime }) => [admin, isTime ? Number(settings[name]) / 1000 : settings[name]]),
  )

const showTransitions = ({ completionMs }: Settings): TransitionsSpec => ({
  complete: completionMs === 0 ? 'at-once' : { after: completionMs / 1000 },
})

export const settingsRoutes = [
  route({
    method: 'GET',
    path: '/settings',
    summary: 'How long sessions and logins live here, in seconds, whether bytes are kept, and how many.',
    run: async ({ sandbox }) => showSettings((await sandbox.view({})).settings),
  }),
  route({
    method: 'POST',
    path: '/settings',
    summary: 'Changes the settings that are named, for sessions created from now on.',
    body: SettingsSpec,
    run: async ({ sandbox, body }) => {
      const changes = sandboxSettings.flatMap(({ admin, name }) => (admin in body ? [[name, body[admin]]] : []))
      await sandbox.changeSettings(Object.fromEntries(changes) as Partial<Settings>) // as each setting reads its own
      return showSettings((await sandbox.view({})).settings)
    },
  }),
  route({
    method: 'GET',
    path: '/transitions',
    summary: 'When a completed session is DONE.',
    run: async ({ sandbox }) => showTransitions((await sandbox.view({})).settings),
  }),
  route({
    method: 'PUT',
    path: '/transitions',
    summary: 'Makes a completed session DONE at once, or after a time.',
    body: TransitionsSpec,
    run: async ({ sandbox, body: { complete } }) => {
      await sandbox.changeSettings({ completionMs: complete === 'at-once' ? 0 : complete.after })
      return showTransitions((await sandbox.view({})).settings)
    },
  }),
]
