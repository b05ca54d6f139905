// The tools of the comparison, each by name and version from its registry, in a folder that git does not see.
import { execFile } from 'node:child_process'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const INSTALLED = fileURLToPath(new URL('.installed/', import.meta.url))
const WIREMOCK = '3.13.0'
const MAVEN_COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy'

/** Go installs itself in a folder that not every shell looks into. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/go/bin` }
const run = async (command: string, args: string[], cwd = INSTALLED): Promise<string> => {
  const { stdout } = await promisify(execFile)(command, args, { cwd, env, timeout: 10 * 60_000 })
  return stdout
}

/** Answers the folder. What is there already is of this version. */
async function once(name: string, install: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = `${INSTALLED}${name}`
  const isThere = await access(`${folder}/done`).then(
    () => true,
    () => false,
  )
  if (isThere) return folder
  await mkdir(folder, { recursive: true })
  await install(folder)
  await writeFile(`${folder}/done`, '')
  return folder
}

/** Packages of npm, in a folder of their own. */
export const installNpm = (...packages: string[]): Promise<string> =>
  once(packages.join('+').replaceAll('/', '-'), (folder) => installInto(folder, packages))

/** This package, packed and installed anew: it may have changed. */
export async function installMock(): Promise<string> {
  const folder = `${INSTALLED}mock`
  await mkdir(folder, { recursive: true })
  const checkout = fileURLToPath(new URL('../..', import.meta.url))
  await run('npm', ['run', '-s', 'build'], checkout)
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], checkout)
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  await installInto(folder, [`./${filename}`])
  return folder
}

async function installInto(folder: string, packages: string[]): Promise<void> {
  await writeFile(`${folder}/package.json`, '{ "private": true, "type": "module" }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', ...packages], folder)
}

/** Its version is that of bench/vcsim/go.mod. */
export async function installVcsim(): Promise<string> {
  const folder = `${INSTALLED}vcsim`
  await mkdir(folder, { recursive: true })
  await run('go', ['build', '-C', fileURLToPath(new URL('../vcsim', import.meta.url)), '-o', `${folder}/vcsim`, '.'])
  return folder
}

export const installWireMock = (): Promise<string> =>
  once(`wiremock-${WIREMOCK}`, async (folder) => {
    const artifact = `-Dartifact=org.wiremock:wiremock-standalone:${WIREMOCK}`
    const repository = `-Dmaven.repo.local=${INSTALLED}maven`
    await run('mvn', ['-B', '-q', repository, MAVEN_COPY, artifact, `-DoutputDirectory=${folder}/jar`])
    await run('java', ['-version'])
  })

/** In MB, as `du` counts the disk. */
export const sizeOf = async (path: string): Promise<number> => Number((await run('du', ['-sm', path])).split('\t')[0])
