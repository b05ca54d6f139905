// Two rules for the linter. Regular expressions stand in src/rules/expressions.ts, and nowhere else in the server: text from
// clients can make one of them slow, and in one file it is seen which there are. And each folder of src imports only what
// its row of the table below allows, however the path is spelt.
import { posix, relative, sep } from 'node:path'

const MESSAGE = 'Name this expression in src/rules/expressions.ts, or use the methods of strings.'
/** These methods make an expression of the string that they are given. */
const METHODS = ['match', 'matchAll', 'search']
const isConstant = (node) => node?.type === 'Identifier' && node.name === node.name.toUpperCase()

const noExpressions = {
  create(context) {
    const report = (node) => context.report({ node, message: MESSAGE })
    const call = (node) => {
      const property = node.callee.type === 'MemberExpression' ? node.callee.property : undefined
      const method = property?.name ?? property?.value
      if (METHODS.includes(method) && !isConstant(node.arguments[0])) report(node)
    }
    return {
      Literal: (node) => {
        if (node.regex) report(node)
      },
      // As a value, under whatever name and of whatever object; as a type it makes nothing.
      Identifier: (node) => {
        if (node.name === 'RegExp' && !node.parent?.type.startsWith('TS')) report(node)
      },
      CallExpression: call,
    }
  },
}

const SERVER = ['rules/', 'operations/', 'hono']
/** By folder or file: the folders, files and packages that it imports, besides what lies in it. Of `type` only types. */
const IMPORTS = {
  'app.ts': [...SERVER, 'sandbox/', 'content/', 'http/', 'bindings/', 'admin/', '../package.json'],
  'index.ts': ['app.ts', 'sandbox/', 'content/'],
  'rules/': [],
  'operations/': ['rules/', 'zod'],
  'content/': ['rules/', 'fast-xml-parser', 'node:zlib'],
  'content/pull.ts': ['rules/', 'content/', 'cloudflare:workers'],
  'sandbox/': ['rules/', 'operations/', 'content/', 'cloudflare:workers'],
  'http/': [...SERVER, 'content/body.ts'],
  'bindings/rest/': [...SERVER, 'http/', 'zod'],
  'bindings/json-rpc/': [...SERVER, 'http/', 'zod'],
  'bindings/soap/': [...SERVER, 'http/', 'zod', 'fast-xml-parser'],
  'bindings/bytes/': [...SERVER, 'http/', 'content/'],
  'client/': ['openapi-fetch'],
  'contract/': ['client/', 'zod'],
  'admin/': [...SERVER, 'sandbox/', 'content/', 'http/', 'client/', 'contract/', 'zod'],
  'console/': ['client/', 'preact', 'type admin/view-shapes.ts'],
  'node/': [
    'rules/',
    'client/',
    'contract/',
    'type admin/shapes.ts',
    'type admin/view-shapes.ts',
    'node:',
    '@peculiar/x509',
    'reflect-metadata',
    '@pact-foundation/pact',
    '@pactflow/openapi-pact-comparator',
  ],
}

const isIn = (target, place) => target === place || target.startsWith(/[/:]$/.test(place) ? place : `${place}/`)

const imports = {
  create(context) {
    const file = relative(`${import.meta.dirname}/../src`, context.filename).replaceAll(sep, '/')
    const row = Object.keys(IMPORTS).findLast((each) => isIn(file, each)) ?? file
    const check = (node, isType) => {
      const path = node.source?.value
      if (path === undefined) return
      const target = path.startsWith('.') ? posix.join(file, '..', path) : path
      const allowed = [row, ...(IMPORTS[row] ?? [])]
      if (!allowed.some((each) => isIn(target, each) || (isType && isIn(`type ${target}`, each))))
        context.report({ node, message: `${row} imports only: ${allowed.slice(1).join(', ')}` })
    }
    return {
      ImportDeclaration: (node) => check(node, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, false),
      TSImportType: (node) => check(node, true),
    }
  },
}

export default { meta: { name: 'server' }, rules: { 'no-expressions': noExpressions, imports } }
