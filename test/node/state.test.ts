// A folder of state has one server, also where several start at the same moment.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openState } from '../../src/node/state.ts'
import { aFolder } from '../support/folder.ts'

const SCHEMA = 1
const STARTS = 20

/** As by a server that was killed. */
async function useAndDie(folder: string): Promise<void> {
  const state = JSON.stringify(import.meta.resolve('../../src/node/state.ts'))
  const use = `const { openState } = await import(${state})
    await openState(${JSON.stringify(folder)}, ${SCHEMA})
    process.kill(process.pid, 'SIGKILL')`
  await expect(promisify(execFile)(process.execPath, ['--input-type=module', '-e', use])).rejects.toMatchObject({
    signal: 'SIGKILL',
  })
}

it.each([
  ['is new', () => undefined],
  ['a server has left that was killed', useAndDie],
])('a folder that %s has one server, of many that start at once', async (_, prepare) => {
  const folder = await aFolder()
  await prepare(folder)

  const starts = await Promise.allSettled(Array.from({ length: STARTS }, () => openState(folder, SCHEMA)))

  const opened = starts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const refusals = starts.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))
  expect(opened).toHaveLength(1)
  expect(refusals.filter((text) => text.includes(`is in use by process ${process.pid}`))).toHaveLength(STARTS - 1)
  await opened[0]?.close()
  await (await openState(folder, SCHEMA)).close()
})
