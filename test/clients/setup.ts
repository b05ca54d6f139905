// Installs the clients and starts the one server that all of them talk to.
import type { TestProject } from 'vitest/node'
import { serve } from '../../src/node/server.ts'
import { install, type Clients } from './install.ts'

declare module 'vitest' {
  interface ProvidedContext {
    clients: Clients
    server: { url: string; caFile: string }
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const clients = await install()
  const missing = new Set(Object.values(clients).flatMap((client) => ('missing' in client ? [client.missing] : [])))
  // A gate that skips what it is there for holds nothing.
  const isNeeded = Boolean(process.env['GATE'])
  for (const why of missing)
    process.stderr.write(`${why}\n${isNeeded ? 'The gate needs it.' : 'Its tests are skipped.'}\n\n`)
  if (isNeeded && missing.size > 0) throw new Error('Not every client could be had.')
  const { url, caFile = '', stop } = await serve({ https: true, vars: { PULL_HOSTS: 'loopback', LOG_REQUESTS: 'off' } })
  project.provide('clients', clients)
  project.provide('server', { url, caFile })
  return stop
}
