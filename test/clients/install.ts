// Real clients, by name and at pinned versions, in a folder that git does not see; or why one could not be had.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { environment } from '../../src/node/environment.ts'
import { block } from './page.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
export const INSTALLED = here('.installed')
export const GO = here('go')
export const PYTHON = here('python')
export const SAMPLES = here('vendor')
const VERIFIERS = here('verifiers')

/** The path of what is to be run; or, under `missing`, what could not be installed and why. */
export type Client = { path: string } | { missing: string }
type Name = 'govc' | 'go' | 'pactGo' | 'python' | 'ansible' | 'generator' | 'rust' | 'jvm'
export type Clients = Record<Name, Client>
/** Where Ansible finds the collections. */
export const COLLECTIONS = `${INSTALLED}/collections`
/** Where Maven keeps what it fetches. */
export const MAVEN_OPTS = `-Dmaven.repo.local=${INSTALLED}/maven`
/** The native library that pact-go is made for; its own installer fetches it from GitHub. The one of pact-js 17 is too new. */
const NATIVE = `@pact-foundation/pact-core-${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}`
const NATIVE_VERSION = '17.1.0'
const NATIVE_FOLDER = `${INSTALLED}/native/node_modules/${NATIVE}/prebuilds/${process.platform}-${process.arch}`
/** Where pact-go finds it, as it is linked and as it runs. */
export const CGO_LDFLAGS = `-L${NATIVE_FOLDER} -Wl,-rpath,${NATIVE_FOLDER}`

export async function install(): Promise<Clients> {
  await mkdir(INSTALLED, { recursive: true })
  // At once: most of it is waiting for what is fetched.
  const [go, python, jvm] = await Promise.all([installGo(), installPython(), installJvm()])
  return { ...go, ...python, jvm }
}

async function installGo(): Promise<Pick<Clients, 'go' | 'govc' | 'pactGo'>> {
  const go = await attempt('Go', 'go', ['version'], 'go')
  if ('missing' in go) return { go, govc: go, pactGo: go }
  // The version is in go.mod, its hash in go.sum.
  const govc = `${INSTALLED}/govc`
  return {
    go,
    govc: await attempt('govc', 'go', ['build', '-C', GO, '-o', govc, './govc'], govc),
    pactGo: await installPactGo(),
  }
}

/** Compiles what the tests will run, so that they find it in Go's cache. */
async function installPactGo(): Promise<Client> {
  const install = ['install', '--no-save', '--prefix', `${INSTALLED}/native`, `${NATIVE}@${NATIVE_VERSION}`]
  const native = await attempt("Pact's native library", 'npm', install, 'npm')
  if ('missing' in native) return native
  const path = `${INSTALLED}/pact-go`
  return attempt('pact-go', 'go', ['test', '-C', GO, '-c', '-o', path, './pact'], path, { CGO_LDFLAGS })
}

async function installPython(): Promise<Pick<Clients, 'python' | 'ansible' | 'generator' | 'rust'>> {
  const environment = `${INSTALLED}/python`
  const python = `${environment}/bin/python`
  const created = await attempt('Python', 'python3', ['-m', 'venv', environment], python)
  if ('missing' in created) return { python: created, ansible: created, generator: created, rust: created }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps']
  const bin = `${environment}/bin`
  const verify = [...pip, '-r', `${VERIFIERS}/requirements.txt`]
  const rust = await attempt("Pact's verifier in Rust", python, verify, `${bin}/pact`)
  const sdk = await attempt('the clients in Python', python, [...pip, '-r', `${PYTHON}/requirements.txt`], python)
  if ('missing' in sdk) return { python: sdk, ansible: sdk, generator: sdk, rust }
  const collect = [`${PYTHON}/collection.py`, COLLECTIONS]
  const generate = `${bin}/openapi-generator-cli`
  return {
    python: sdk,
    rust,
    ansible: await attempt('Ansible', python, collect, `${bin}/ansible`),
    generator: await attempt('OpenAPI Generator', generate, ['version'], generate),
  }
}

/** By a run in which the verifier finds nothing to verify, Maven fetches all that is in it. */
async function installJvm(): Promise<Client> {
  const folder = `${INSTALLED}/jvm`
  await mkdir(`${folder}/pacts`, { recursive: true })
  await writeFile(`${folder}/pom.xml`, block('verifiers', 'The one for the JVM', 'xml'))
  await writeFile(`${folder}/pacts/none.json`, JSON.stringify(NO_PACT))
  const goal = 'au.com.dius.pact.provider:maven:verify'
  const nowhere = environment({ url: 'http://127.0.0.1:1', user: 'nobody', password: '' })
  return attempt("Pact's verifier for the JVM", 'mvn', ['-B', MAVEN_OPTS, '-f', folder, goal], 'mvn', nowhere)
}
const NO_PACT = { consumer: { name: 'nobody' }, provider: { name: 'content-library' }, interactions: [] }

async function attempt(
  what: string,
  command: string,
  args: string[],
  path: string,
  env: Record<string, string> = {},
): Promise<Client> {
  try {
    const options = { timeout: 10 * 60_000, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } }
    await promisify(execFile)(command, args, options)
    return { path }
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    // Maven says on its stdout what is wrong.
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    return { missing: `${what} could not be had: ${message.trim()}\n${said.trim()}`.trim() }
  }
}
