// Real clients, by name and at pinned versions, in a folder that git does not see; or why one could not be had.
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
export const INSTALLED = here('.installed')
export const GO = here('go')
export const PYTHON = here('python')

/** The path of what is to be run; or, under `missing`, what could not be installed and why. */
type Client = { path: string } | { missing: string }
export type Clients = { govc: Client; go: Client; python: Client; ansible: Client }
/** Where Ansible finds the collection. */
export const COLLECTIONS = `${INSTALLED}/collections`

export async function install(): Promise<Clients> {
  await mkdir(INSTALLED, { recursive: true })
  const go = await attempt('Go', 'go', ['version'], 'go')
  // The version is in go.mod, its hash in go.sum.
  const govc = `${INSTALLED}/govc`
  return {
    go,
    govc: 'missing' in go ? go : await attempt('govc', 'go', ['build', '-C', GO, '-o', govc, './govc'], govc),
    ...(await installPython()),
  }
}

async function installPython(): Promise<Pick<Clients, 'python' | 'ansible'>> {
  const environment = `${INSTALLED}/python`
  const python = `${environment}/bin/python`
  const created = await attempt('Python', 'python3', ['-m', 'venv', environment], python)
  if ('missing' in created) return { python: created, ansible: created }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps']
  const sdk = await attempt('the Python SDK', python, [...pip, '-r', `${PYTHON}/requirements.txt`], python)
  if ('missing' in sdk) return { python: sdk, ansible: sdk }
  const collect = [`${PYTHON}/collection.py`, COLLECTIONS]
  return { python: sdk, ansible: await attempt('Ansible', python, collect, `${environment}/bin/ansible`) }
}

async function attempt(what: string, command: string, args: string[], path: string): Promise<Client> {
  try {
    await promisify(execFile)(command, args, { timeout: 10 * 60_000, maxBuffer: 64 * 1024 * 1024 })
    return { path }
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    return { missing: `${what} could not be had: ${message.trim()}` }
  }
}
