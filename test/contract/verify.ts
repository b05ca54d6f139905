// The verification as a user runs it: the command, the pacts it is given, and what it says.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const VERIFY = fileURLToPath(new URL('../../src/cli/verify.ts', import.meta.url))

export type Interaction = {
  description: string
  pending: boolean
  providerStates: { name: string; params?: object }[]
  response: { status: number }
}
export type Pact = { provider: { name: string }; interactions: Interaction[] }

/** What a client of this mock relies on when it cancels. */
export async function cancelsOf(consumer: string): Promise<Pact> {
  const pact = JSON.parse(await readFile(`pacts/${consumer}-content-library.json`, 'utf8')) as Pact
  return { ...pact, interactions: pact.interactions.filter(({ description }) => description.startsWith('cancel ')) }
}

export async function written(directory: string, pact: Pact): Promise<string> {
  const file = join(directory, `${crypto.randomUUID()}.json`)
  await writeFile(file, JSON.stringify(pact))
  return file
}

export type Run = { code: unknown; said: string; complained: string }
export const verify = (args: string[], env: Record<string, string> = {}): Promise<Run> =>
  new Promise((resolve) => {
    execFile(process.execPath, [VERIFY, ...args], { env: { ...process.env, ...env } }, (error, said, complained) =>
      resolve({ code: error ? error.code : 0, said, complained }),
    )
  })

/** Whom the workers of these tests let in. */
export const CREDENTIALS = 'contract:right'
export const at = (url: string) => ['--provider', url, '--user', 'contract', '--password', 'right']
