// docs/coverage.md: what each binding calls an operation, which `npm run coverage` writes anew, and which clients have asked
// for it, which `npm run test:clients` writes. A client has a column once it has a heading.
import { expect, it } from 'vitest'
import { all } from '../../src/operations/index.ts'
import { id, type Operation } from '../../src/operations/operation.ts'
import { formOf } from '../../src/bindings/rest/api.ts'
import { formsOf } from '../../src/bindings/rest/legacy.ts'
import type { Form } from '../../src/bindings/rest/routes.ts'
import page from '../../docs/coverage.md?raw'

/** What the page says of clients, by operation; under `operation` their names. */
const seen = new Map(page.split('\n').map((line) => [line.split(' ', 2)[1], line.slice(2, -2).split(' | ').slice(3)]))
const clients = seen.get('operation') ?? []

const row = (cells: string[]) => `| ${cells.join(' | ')} |`
const request = (prefix: string, between: string, act: string, { method, path, action, query }: Form) => {
  const keyed = path.replaceAll('{', `${between}{`)
  const selectors = [...(action === undefined ? [] : [`${act}=${action}`]), ...query.map((field) => `${field}=`)]
  return `\`${method} ${prefix}${keyed}${selectors.length > 0 ? `?${selectors.join('&')}` : ''}\``
}

const named = (operation: Operation) => `\`${id(operation).replace('com.vmware.', '')}\``

const heading = ['operation', '`/api`', '`/rest`', ...clients]
const text = [
  '# Coverage',
  '',
  'Every operation, how it is asked for over HTTP, and which clients have asked for it. Over JSON-RPC all of them are asked for by',
  'their names. A query field may be optional; the OpenAPI document says which is. `npm run coverage` writes this page, and',
  '`npm run test:clients` what its clients have asked for.',
  '',
  row(heading),
  row(heading.map(() => '---')),
  ...all.map((operation) =>
    row([
      named(operation),
      operation.isLegacy ? '' : request('/api', '', 'action', formOf(operation)),
      ...formsOf(operation)
        .slice(0, 1)
        .map((form) => request('/rest', 'id:', '~action', form)),
      ...(seen.get(named(operation)) ?? clients.map(() => '')),
    ]),
  ),
  '',
].join('\n')

it('tells of every operation how it is asked for, and who has asked for it', async () => {
  await expect(text).toMatchFileSnapshot('../../docs/coverage.md')
})
