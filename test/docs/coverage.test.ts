// docs/coverage.md: what each binding calls an operation, and which clients have asked for it. `npm run coverage`
// writes it anew, `npm run test:clients` what it knows of clients.
import { expect, it } from 'vitest'
import { all } from '../../src/operations/index.ts'
import { id } from '../../src/operations/operation.ts'
import { formOf } from '../../src/bindings/rest/api.ts'
import { formsOf } from '../../src/bindings/rest/legacy.ts'
import type { Form } from '../../src/bindings/rest/routes.ts'
import seen from '../clients/seen.json'

const clients: [string, string[]][] = Object.entries(seen)

const row = (cells: string[]) => `| ${cells.join(' | ')} |`
const request = (prefix: string, between: string, act: string, { method, path, action, query }: Form) => {
  const keyed = path.replaceAll('{', `${between}{`)
  const selectors = [...(action === undefined ? [] : [`${act}=${action}`]), ...query.map((field) => `${field}=`)]
  return `\`${method} ${prefix}${keyed}${selectors.length > 0 ? `?${selectors.join('&')}` : ''}\``
}

const heading = ['operation', '`/api`', '`/rest`', ...clients.map(([name]) => name)]
const text = [
  '# Coverage',
  '',
  '`npm run coverage` writes this page: every operation, how it is asked for over HTTP, and which of the clients in',
  '`npm run test:clients` have asked for it. Over JSON-RPC all of them are asked for by their names. A query field may be',
  'optional; the OpenAPI document says which is.',
  '',
  row(heading),
  row(heading.map(() => '---')),
  ...all.map((operation) =>
    row([
      `\`${id(operation).replace('com.vmware.', '')}\``,
      operation.isLegacy ? '' : request('/api', '', 'action', formOf(operation)),
      ...formsOf(operation)
        .slice(0, 1)
        .map((form) => request('/rest', 'id:', '~action', form)),
      ...clients.map(([, operations]) => (operations.includes(id(operation)) ? '✓' : '')),
    ]),
  ),
  '',
].join('\n')

it('tells of every operation how it is asked for, and who has asked for it', async () => {
  await expect(text).toMatchFileSnapshot('../../docs/coverage.md')
})

it('knows every operation that a client has asked for', () => {
  const known = new Set(all.map(id))
  expect(clients.flatMap(([, operations]) => operations).filter((operation) => !known.has(operation))).toEqual([])
})
