// The worker with a point before and after everything that its bytes wait for: found in the source, never marked there.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'

const ROOT = new URL('../../', import.meta.url)
const pathOf = (file: string) => fileURLToPath(new URL(file, ROOT))

/** The ways of PULL, upload, purge, orphan search and removal. The one list: a file that moves moves here too. */
const FILES = [
  'src/content/pull.ts',
  'src/content/store.ts',
  'src/content/parts.ts',
  'src/content/read.ts',
  'src/content/body.ts',
  'src/content/checksum.ts',
  'src/bindings/bytes/upload.ts',
  'src/bindings/bytes/download.ts',
  'src/sandbox/sandbox.ts',
  'src/sandbox/state.ts',
  'src/sandbox/transfers.ts',
  'src/sandbox/seeded-sessions.ts',
  'src/sandbox/housekeeping.ts',
  'src/sandbox/markers.ts',
  'src/sandbox/tables/schema.ts',
]
const ENTRY = 'test/kills/worker.ts'
const POINT = 'test/kills/point.ts'
export const KILLS = new URL('dist/kills/', ROOT)

/** One thing that is waited for: an `await`, or a promise that an async function returns. */
export type Point = {
  at: number
  file: string
  line: number
  text: string
  /** What is called is a function of the worker's own, which fails only where a point within it does. */
  isOwn: boolean
}

export const nameOf = ({ at, file, line, text }: Point): string => `${at} ${file}:${line} ${text}`

/** Builds the worker into `KILLS`; the built worker of the package lends its bindings. */
export async function buildPoints(): Promise<Point[]> {
  const program = ts.createProgram([pathOf('src/index.ts'), pathOf('src/env.d.ts')], options())
  const points: Point[] = []
  const marked = new Map(
    FILES.map((file) => {
      const source = program.getSourceFile(pathOf(file))
      if (!source) throw new Error(`The worker has no file ${file}: correct the list in test/kills/points.ts.`)
      return [pathOf(file), mark(source, program.getTypeChecker(), points)]
    }),
  )
  await build({
    entryPoints: [pathOf(ENTRY)],
    outfile: fileURLToPath(new URL('index.js', KILLS)),
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
    plugins: [
      {
        name: 'points',
        setup: (bundler) =>
          bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = marked.get(path)
            return contents === undefined ? undefined : { contents, loader: 'ts' }
          }),
      },
    ],
  })
  const config = JSON.parse(readFileSync(new URL('dist/worker/config.json', ROOT), 'utf8')) as {
    env: Record<string, object>
  } // written by the build
  const env = { ...config.env, LOCAL_ADMIN: { type: 'text', value: 'on' } }
  writeFileSync(new URL('config.json', KILLS), JSON.stringify({ ...config, env }))
  return points
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(pathOf('tsconfig.json'), (path) => ts.sys.readFile(path)) as { config: object }
  return ts.parseJsonConfigFileContent(config, ts.sys, pathOf('.')).options
}

/** The text of the file with its points, which are added to the list. */
function mark(source: ts.SourceFile, checker: ts.TypeChecker, points: Point[]): string {
  const edits: { at: number; text: string; isEnd: boolean }[] = []
  /** Wraps the expression in calls around it and before it. */
  const wrap = (whole: ts.Expression, part: ts.Expression, after: string) => {
    const at = points.length
    const { line } = source.getLineAndCharacterOfPosition(whole.getStart())
    const text = whole.getText().replaceAll(/\s+/g, ' ').slice(0, 60)
    points.push({ at, file: basename(source.fileName), line: line + 1, text, isOwn: isOwn(part, checker) })
    edits.push({ at: whole.getStart(), text: `${after}(${at}, `, isEnd: false })
    edits.push({ at: part.getStart(), text: `(pointBefore(${at}), `, isEnd: false })
    edits.push({ at: part.getEnd(), text: '))', isEnd: true })
  }
  const isPromise = (node: ts.Expression) => checker.getTypeAtLocation(node).getProperty('then') !== undefined
  const visit = (node: ts.Node): void => {
    if (ts.isForOfStatement(node) && node.awaitModifier) wrap(node.expression, node.expression, 'pointEach')
    if (ts.isVariableDeclarationList(node) && /^await using\b/.test(node.getText()))
      throw new Error(`${source.fileName}: await using has no points yet.`)
    if (ts.isAwaitExpression(node)) wrap(node, node.expression, 'pointAfter')
    const result = returned(node)
    if (result && !ts.isAwaitExpression(result) && isPromise(result)) wrap(result, result, 'pointLater')
    ts.forEachChild(node, visit)
  }
  visit(source)
  let text = source.text
  // From the back, so that what is ahead keeps its place; of two at one place the outer one begins first.
  for (const [, edit] of [...edits.entries()].toSorted(([a, one], [b, two]) => two.at - one.at || b - a))
    text = text.slice(0, edit.at) + edit.text + text.slice(edit.at)
  const path = JSON.stringify(pathOf(POINT))
  return `import { pointAfter, pointBefore, pointEach, pointLater } from ${path};${text}`
}

/** What an async function returns, at this node. */
function returned(node: ts.Node): ts.Expression | undefined {
  if (ts.isReturnStatement(node)) return isAsync(functionOf(node)) ? node.expression : undefined
  return ts.isArrowFunction(node) && isAsync(node) && !ts.isBlock(node.body) ? node.body : undefined
}

function isOwn(node: ts.Expression, checker: ts.TypeChecker): boolean {
  if (!ts.isCallExpression(node)) return false
  const { expression } = node
  if (ts.isPropertyAccessExpression(expression)) return expression.expression.kind === ts.SyntaxKind.ThisKeyword
  const symbol = checker.getSymbolAtLocation(expression)
  if (!ts.isIdentifier(expression) || !symbol) return false
  // An argument, as `report`, may call others.
  const isImported = (symbol.flags & ts.SymbolFlags.Alias) !== 0
  return isImported || (symbol.valueDeclaration !== undefined && !ts.isParameter(symbol.valueDeclaration))
}

const functionOf = (node: ts.Node): ts.Node | undefined =>
  ts.findAncestor(node, (each) => ts.isFunctionLike(each)) as ts.Node | undefined
const isAsync = (node: ts.Node | undefined): boolean =>
  node !== undefined &&
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
