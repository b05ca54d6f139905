// What the platform runs: the app and the Durable Object classes.
import { app } from './app.ts'

export default app
export { Pull } from './content/pull.ts'
export { Directory } from './sandbox/directory.ts'
export { Sandbox } from './sandbox/sandbox.ts'
