// The demo is the first thing that a newcomer sees: it has to reach its end.
import { expect, it } from 'vitest'
import { run } from '../../support/command.ts'

it('runs the demo to its end', async () => {
  const { said } = await run('scripts/demo.ts', [], { env: { NO_COLOR: '1' } })

  const told = said.split('\n').filter((line) => /^ +(< HTTP|Stored|The upload)/.test(line))
  expect(told.map((line) => line.trim().replace(/ \d+ ms.*/, ''))).toEqual([
    '< HTTP/1.1 201 Created',
    '< HTTP/1.1 201 Created',
    '< HTTP/1.1 200 OK',
    '< HTTP/1.1 204 No Content',
    '< HTTP/1.1 400 Bad Request',
    '< HTTP/1.1 201 Created',
    'Stored before: nothing.',
    '< HTTP/1.1 201 Created',
    'Stored with the small file: 1 part, 1 MiB.',
    '< HTTP/1.1 201 Created',
    '< HTTP/1.1 204 No Content',
    'The upload was cut off',
    '< HTTP/1.1 200 OK',
    'Stored after the cancel: nothing.',
  ])
})
