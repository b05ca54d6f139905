// Tests in Node start the worker as the package does: built once, before them all.
import { buildWorker } from '../build.ts'

export const setup = (): void => {
  // Tests that run inside workerd do not need it.
  if (process.env['BUILD_WORKER'] !== 'no') buildWorker()
}
