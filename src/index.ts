// What the platform runs: the app and the Durable Object classes.
import { answer } from './app.ts'

export default { fetch: answer } satisfies ExportedHandler<Env>
export { Pull } from './content/pull.ts'
export { Sandbox } from './sandbox/sandbox.ts'
