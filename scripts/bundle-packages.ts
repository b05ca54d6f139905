// What the package holds of other packages: two modules of `src/node` with what they import, and the licences of all of them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { build as bundle, type PluginBuild } from 'esbuild'

/** Their packages bring seven times as much as is used of them, most of it source maps. */
const MODULES = ['certificate', 'static-check']
/** What is in the pages: not in the Worker's source map. */
const PAGES = ['node_modules/preact', 'node_modules/swagger-ui-dist']

/** Puts the packages into the modules that the compiler has written. */
export async function bundlePackages(dist: string): Promise<void> {
  const { metafile } = await bundle({
    entryPoints: MODULES.map((name) => `${dist}/node/${name}.js`),
    outdir: `${dist}/node`,
    allowOverwrite: true,
    bundle: true,
    plugins: [{ name: 'our own modules stay apart', setup: leaveOurs }],
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
  })
  const { sources } = JSON.parse(readFileSync(`${dist}/worker/index.js.map`, 'utf8')) as { sources: string[] } // its form
  const folders = [...sources, ...Object.keys(metafile.inputs)].flatMap((path) => FOLDER.exec(path)?.[0] ?? [])
  const texts = [...new Set([...folders, ...PAGES])].toSorted().map((folder) => {
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
    const { name, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<string, string> // npm's form
    if (file === undefined && license === undefined) throw new Error(`${folder} has no licence.`)
    return `${name}\n\n${file === undefined ? license : readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`
  })
  writeFileSync(`${dist}/LICENSES.txt`, texts.join(`\n${'-'.repeat(80)}\n\n`))
}

function leaveOurs(build: PluginBuild): void {
  build.onResolve({ filter: /^\.\.?\// }, ({ path, kind, importer }) =>
    kind === 'entry-point' || importer.includes('/node_modules/') ? undefined : { path, external: true },
  )
}

/** The folder of the package that a file belongs to. */
const FOLDER = /node_modules\/(?:@[^/]+\/)?[^/]+/
