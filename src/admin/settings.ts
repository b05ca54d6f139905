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

export const settings = [
  route('GET /settings', {}, async ({ sandbox }) => showSettings((await sandbox.view({})).settings)),
  // Changes the settings that are named, for sessions created from now on.
  route('POST /settings', { body: SettingsSpec }, async ({ sandbox, body }) => {
    const changes = sandboxSettings.flatMap(({ admin, name }) => (admin in body ? [[name, body[admin]]] : []))
    const given = Object.fromEntries(changes) as Partial<Settings> // as each setting reads its own
    return showSettings((await sandbox.steer({ settings: given })).settings)
  }),
  // When a completed session is DONE.
  route('GET /transitions', {}, async ({ sandbox }) => showTransitions((await sandbox.view({})).settings)),
  route('PUT /transitions', { body: TransitionsSpec }, async ({ sandbox, body: { complete } }) => {
    const completionMs = complete === 'at-once' ? 0 : complete.after
    return showTransitions((await sandbox.steer({ settings: { completionMs } })).settings)
  }),
]
