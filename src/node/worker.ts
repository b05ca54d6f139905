// The built Worker as miniflare takes it.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { MiniflareOptions } from 'miniflare'
import sirv from 'sirv'

export type Worker = Extract<MiniflareOptions, { workers: unknown }>['workers'][number]

/** What `npm run build` makes, seen from `src/` and from `dist/` alike. */
const PAGES = new URL('../../dist/assets/', import.meta.url)

/**
 * The bundle in a folder that the build has made, with the bindings of wrangler's configuration. The pages are served
 * from here: before a worker that has assets of its own stands miniflare's router, a quarter of the time of a cancel.
 */
export async function readWorker(folder: URL, vars: Record<string, string>, mainModule = 'index.js'): Promise<Worker> {
  const [script, text] = await Promise.all([
    readFile(new URL(mainModule, folder), 'utf8'),
    readFile(new URL('config.json', folder), 'utf8'),
  ])
  const { env = {}, ...config } = JSON.parse(text) as Worker['config'] // written by the build, of this type
  const manifest = {
    mainModule,
    modulesRoot: fileURLToPath(folder),
    modules: { [mainModule]: { type: 'esm' as const, contents: script } },
  }
  const texts = Object.entries(vars).map(([name, value]) => [name, { type: 'text', value }])
  const pages = sirv(fileURLToPath(PAGES), { dev: true })
  const ASSETS = {
    type: 'node-handler',
    handler: (...[request, response]: Parameters<typeof pages>) => pages(request, response),
  }
  return { config: { ...config, manifest, env: { ...env, ASSETS, ...Object.fromEntries(texts) } } }
}

/** The variables among the bindings. */
export const variablesOf = ({ config: { env = {} } }: Worker): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, binding]) => (binding.type === 'text' ? [[name, binding.value]] : [])),
  )
