// Before all tests: the worker is built as the package has it, and what the runtime says of nothing wrong is not shown.
import { buildWorker } from '../scripts/build.ts'

/** Said where an alarm that is about to ring is put off: it rings later, as it should. */
const PUT_OFF = 'NOSENTRY SQLite alarm handler canceled'

export function setup(): void {
  const { stderr } = process
  const write = stderr.write.bind(stderr)
  const unlessPutOff = (chunk: string | Uint8Array): boolean => String(chunk).startsWith(PUT_OFF) || write(chunk)
  stderr.write = unlessPutOff
  // Tests that run inside workerd do not need it.
  if (process.env['BUILD_WORKER'] === 'no') return
  buildWorker()
}
