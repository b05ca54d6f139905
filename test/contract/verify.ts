// The verification as a user runs it: the command, the pacts it is given, and what it says.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { COMMAND, run, type Run } from '../support/command.ts'
import { aFolder as anEmptyFolder } from '../support/folder.ts'

export type Interaction = {
  description: string
  pending: boolean
  providerStates: { name: string; params?: object }[]
  request: { query?: Record<string, string[]> }
  response: { status: number }
}
export type Pact = { provider: { name: string }; interactions: Interaction[] }

export const readPact = async () =>
  JSON.parse(await readFile('pacts/update-session-client-content-library.json', 'utf8')) as Pact

/** What the client relies on when it cancels. */
export async function readCancels(): Promise<Pact> {
  const pact = await readPact()
  return { ...pact, interactions: pact.interactions.filter(({ description }) => description.startsWith('cancel ')) }
}

export const FREE = 'cancel of an ACTIVE update session'
/** The cancels without all but one, changed as the test needs it. */
export async function aCancel(
  change: (interaction: Interaction, pact: Pact) => unknown = () => undefined,
  description = FREE,
): Promise<Pact> {
  const pact = await readCancels()
  pact.interactions = pact.interactions.filter((each) => each.description === description)
  for (const interaction of pact.interactions) change(interaction, pact)
  return pact
}

/** A folder with these pacts, for as long as the test runs. */
export async function aFolder(...pacts: object[]): Promise<string> {
  const folder = await anEmptyFolder()
  for (const [at, pact] of pacts.entries()) await writeFile(join(folder, `${at}.json`), JSON.stringify(pact))
  return folder
}
export const aFile = async (pact: object | Promise<object>): Promise<string> =>
  join(await aFolder(await pact), '0.json')

/** What a run says that has verified so many interactions, and all are kept. */
export const kept = (count: number) => ({
  code: 0,
  complained: '',
  said: expect.stringContaining(`${count} of ${count} interactions are kept.`),
})

export const verify = (args: string[], env: Record<string, string> = {}): Promise<Run> =>
  run(COMMAND, ['verify', ...args], { env })

/** The one account that the workers of these tests let in. */
export const USER = 'contract'
export const CREDENTIALS = `${USER}:right`
export const at = (url: string) => ['--provider', url, '--user', USER, '--password', 'right']
