// Programs in Python, run as one user of the server, and what they print.
import { expect, inject } from 'vitest'
import { newFolder, python, run, server, type User } from './harness.ts'
import { PYTHON } from './install.ts'

const { python: installed } = inject('clients')

/** Runs one of the programs in python/ to its end, and answers what it printed. */
export async function runPython(program: string, user: User, more: Record<string, string> = {}): Promise<string> {
  const command = 'path' in installed ? installed.path : ''
  const env = { ...python(newFolder()), MOCK_URL: server.url, MOCK_USER: user.name, ...more }

  const { code, stdout, stderr } = await run(command, [program], env, PYTHON)

  expect(code, `${stdout}\n${stderr}`).toBe(0)
  return stdout
}

/** What calls.py printed: for each function why it was refused. */
export function countCalls(printed: string): { worked: number; all: number; refused: string[] } {
  const calls = Object.entries(JSON.parse(printed) as Record<string, string[]>)
  const refused = calls.filter(([, reasons]) => reasons.length > 0).map(([name]) => name)
  return { worked: calls.length - refused.length, all: calls.length, refused: refused.toSorted() }
}
