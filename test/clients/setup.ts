// Installs the clients and starts the one server that all of them talk to.
import type { TestProject } from 'vitest/node'
import { startTls } from '../../src/cli/embedded.ts'
import { install, type Clients } from './install.ts'

declare module 'vitest' {
  interface ProvidedContext {
    clients: Clients
    server: { url: string; caFile: string }
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const clients = await install()
  for (const client of Object.values(clients)) if ('missing' in client) process.stderr.write(`${client.missing}\n`)
  const { url, caFile, stop } = await startTls({ PULL_HOSTS: 'loopback' })
  project.provide('clients', clients)
  project.provide('server', { url, caFile })
  return stop
}
