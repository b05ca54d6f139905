// What a mock that waits for requests holds in memory.
import { expect, it } from 'vitest'
import { COMMAND, launch } from '../../support/process.ts'

/** Of Node's own, each takes 0.3 MiB or more. */
const NEEDLESS = ['crypto', 'dns/promises', 'http', 'inspector', 'readline', 'tls']
const TELL = `process.on('exit', () => console.error(JSON.stringify(process.moduleLoadList)))`

it('the command has loaded no module of Node that a start on loopback has no use for', async () => {
  const heard: string[] = []
  const args = ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, COMMAND, '--port', '0']
  const command = await launch(/Ctrl-C/, process.execPath, args, { hear: (line) => heard.push(line) })
  await command.stop()
  const loaded = JSON.parse(heard.find((line) => line.startsWith('[')) ?? '[]') as string[]
  expect(loaded).toContain('NativeModule child_process')
  expect(NEEDLESS.filter((name) => loaded.includes(`NativeModule ${name}`))).toEqual([])
})
