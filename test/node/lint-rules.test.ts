// What the folders of src may import, however the path is spelt.
import { RuleTester } from 'oxlint/plugins-dev'
import { describe, it } from 'vitest'
// @ts-expect-error -- the linter loads it as it is, without types
import lintRules from '../../scripts/lint-rules.js'

RuleTester.describe = describe
RuleTester.it = it

const inFile = (file: string, code: string) => ({ filename: `${import.meta.dirname}/../../src/${file}`, code })
const refused = (file: string, code: string) => ({ ...inFile(file, code), errors: 1 })

new RuleTester({ languageOptions: { parserOptions: { lang: 'ts' } } }).run('imports', lintRules.rules.imports, {
  valid: [
    inFile('rules/x.ts', "import './y.ts'"),
    inFile('sandbox/tables/x.ts', "import '../../content/y.ts'"),
    inFile('http/x.ts', "import 'hono/cookie'"),
    inFile('node/x.ts', "import type { Y } from '../admin/shapes.ts'"),
  ],
  invalid: [
    refused('rules/x.ts', "import './../bindings/rest/y.ts'"),
    refused('operations/x.ts', "export * from '../rules/../http/y.ts'"),
    refused('admin/x.ts', "export { y } from './../bindings/soap/y.ts'"),
    refused('bindings/rest/x.ts', "export const y = import('../bytes/y.ts')"),
    refused('http/x.ts', "export type Y = import('./../sandbox/y.ts').Y"),
    refused('content/x.ts', "import 'cloudflare:workers'"),
    refused('node/x.ts', "import '../admin/shapes.ts'"),
    refused('y.ts', "import './node/x.ts'"),
  ],
})
