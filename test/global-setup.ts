// Tests in Node start the worker as the package does: built once, before them all.
import { buildWorker } from '../build.ts'

export const setup = (): void => buildWorker()
