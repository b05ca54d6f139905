// What the package holds: the worker in one file with its bindings and its pages, the command and library compiled for
// Node, and the pact of the client.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString, NEVER, type SchemaObject } from 'openapi-typescript'
import { unstable_readConfig } from 'wrangler'
import * as z from 'zod'
import * as shapes from '../src/admin/shapes.ts'
import * as viewShapes from '../src/admin/view-shapes.ts'
import { SCHEMA } from '../src/sandbox/tables/version.ts'
import { bundlePackages } from './bundle-packages.ts'
import { localVariables } from '../src/rules/settings.ts'

const DIST = 'dist'

/** The worker alone: what tests and the demo start. */
export function buildWorker(config = 'wrangler.toml', folder = `${DIST}/worker`): void {
  run('wrangler', 'deploy', '--dry-run', '--config', config, '--outdir', folder)
  writeFileSync(`${folder}/config.json`, JSON.stringify(bindings(config), null, 2))
}

/** The bindings of wrangler's configuration as the embedded server takes them, so that they stand in one place. */
function bindings(config: string) {
  const { compatibility_date, compatibility_flags, vars, durable_objects }: Config = unstable_readConfig({ config })
  return {
    compatibilityDate: compatibility_date,
    compatibilityFlags: compatibility_flags,
    vars: { ...vars, ...LOCAL },
    schema: SCHEMA,
    objects: Object.fromEntries(durable_objects.bindings.map(({ name, class_name }) => [name, class_name])),
  }
}

/** What is read of it; wrangler's own type for it does not resolve. */
type Config = {
  compatibility_date?: string
  compatibility_flags: string[]
  vars: Record<string, unknown>
  durable_objects: { bindings: { name: string; class_name: string }[] }
}

/** A start says where log lines go; without one, there are none. */
const LOCAL = { ...localVariables, LOG_REQUESTS: 'off' }

function run(command: string, ...args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `node_modules/.bin:${process.env['PATH'] ?? ''}`, WRANGLER_SEND_METRICS: 'false' },
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stdout + stderr}`)
}

/** The command and the library. */
async function buildNode(): Promise<void> {
  for (const folder of ['node', 'client', 'contract', 'rules'])
    rmSync(`${DIST}/${folder}`, { recursive: true, force: true })
  run('tsc', '-p', 'scripts/tsconfig.build.json')
  await bundlePackages(DIST)
  // A declaration is no output of the compiler's, and the client's types stand on it.
  copyFileSync('src/client/schema.d.ts', `${DIST}/client/schema.d.ts`)
  // Of the Worker's modules the library knows types alone: as the compiler writes them, they would need zod.
  for (const folder of ['admin', 'operations']) rmSync(`${DIST}/${folder}`, { recursive: true })
  mkdirSync(`${DIST}/admin`)
  // That of several faults takes a limit, and the library has no use for it.
  const specs = Object.entries(shapes).flatMap(([name, make]) =>
    typeof make === 'function' && make.length === 0 && name.endsWith('Spec') ? [[name, make(0)] as const] : [],
  )
  writeFileSync(`${DIST}/admin/shapes.d.ts`, await declarationsOf(specs, 'input'))
  writeFileSync(`${DIST}/admin/view-shapes.d.ts`, await declarationsOf(Object.entries(viewShapes), 'output'))
}

/** The types of a module of shapes, written out. */
async function declarationsOf(exported: (readonly [string, unknown])[], io: 'input' | 'output'): Promise<string> {
  const schemas = exported.flatMap(([name, shape]) =>
    shape instanceof z.ZodType ? [[name, z.toJSONSchema(shape, { io })]] : [],
  )
  const document = {
    openapi: '3.1.0',
    info: { title: '', version: '' },
    paths: {},
    components: { schemas: Object.fromEntries(schemas) as Record<string, SchemaObject> }, // of the same dialect
  }
  const types = await openapiTS(document, {
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
    // What has a default need not be given.
    defaultNonNullable: false,
    transform: (schema) => ('not' in schema ? NEVER : undefined),
  })
  return astToString(types)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , part] = process.argv
  if (part !== 'node') buildWorker()
  if (part !== 'worker') {
    await buildNode()
    copyFileSync('pacts/update-session-client-content-library.json', `${DIST}/pact.json`)
  }
}
