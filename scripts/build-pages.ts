// The pages for people: the console, bundled, the viewer of the API reference, copied from its package, and the OpenAPI document
// that it shows.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGES = join(ROOT, 'src/console')
const ASSETS = join(ROOT, 'dist/assets')
const viewer = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

/** Into `dist/assets`, which wrangler.toml serves. */
export async function buildPages(): Promise<void> {
  bundle('console', ['main.tsx', 'console.css'])
  copy(PAGES, 'console', ['index.html', 'icon.svg'])
  bundle('docs', ['docs.ts', 'docs.css'])
  copyFileSync(join(PAGES, 'docs.html'), join(ASSETS, 'docs/index.html'))
  copy(viewer, 'docs', ['swagger-ui-bundle.js', 'swagger-ui.css', 'swagger-ui-bundle.js.LICENSE.txt', 'LICENSE'])
  // Imported at the run: its types are those of the runtime, not of Node.
  const { openapi } = (await import(new URL('openapi.ts', import.meta.url).href)) as { openapi: () => object }
  writeFileSync(join(ASSETS, 'docs/openapi.json'), JSON.stringify(openapi()))
}

function bundle(page: string, files: string[]): void {
  buildSync({
    entryPoints: files.map((file) => join(PAGES, file)),
    outdir: join(ASSETS, page),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'text' },
    legalComments: 'linked',
  })
}

function copy(from: string, page: string, files: string[]): void {
  mkdirSync(join(ASSETS, page), { recursive: true })
  for (const file of files) copyFileSync(join(from, file), join(ASSETS, page, file))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPages()
