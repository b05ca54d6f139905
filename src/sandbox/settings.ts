// The settings of a sandbox: the deployment's, and what a test has set for itself.
import type { Settings } from '../operations/store.ts'
import { readSettings } from '../rules/settings.ts'

export function settingsOf(env: Env): Settings {
  const settings = readSettings(env)
  // No call reaches the sandboxes of a mock with wrong settings; an alarm does, and is tried again by the platform.
  if (!settings.ok) throw new Error(settings.failure.messages.map((message) => message.default_message).join(' '))
  return { ...settings.value, completionMs: 0 }
}

/** What a test has set for its own sandbox. */
export type Overrides = Partial<Settings>
const OVERRIDES = 'settings'
export const overridesIn = (storage: DurableObjectStorage): Overrides => storage.kv.get<Overrides>(OVERRIDES) ?? {}
export const override = (storage: DurableObjectStorage, overrides: Overrides): void =>
  storage.kv.put(OVERRIDES, overrides)
