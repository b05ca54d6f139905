// The verification as a user runs it: the command, the pacts it is given, and what it says.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COMMAND, run, type Run } from '../support/command.ts'

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

export async function written(directory: string, pact: Pact): Promise<string> {
  const file = join(directory, `${crypto.randomUUID()}.json`)
  await writeFile(file, JSON.stringify(pact))
  return file
}

export const verify = (args: string[], env: Record<string, string> = {}): Promise<Run> =>
  run(COMMAND, ['verify', ...args], { env })

/** The one account that the workers of these tests let in. */
export const USER = 'contract'
export const CREDENTIALS = `${USER}:right`
export const at = (url: string) => ['--provider', url, '--user', USER, '--password', 'right']
