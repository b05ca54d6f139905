// The mock as a whole: whether it is up, which it is, and how to empty a sandbox.
import { route } from './route.ts'

export const server = [
  route({
    method: 'GET',
    path: '/health',
    summary: 'Whether the mock is up.',
    isPublic: true,
    run: ({ version }) => ({ status: 'healthy', message: 'The mock is up.', version }),
  }),
  route({
    method: 'GET',
    path: '/version',
    summary: 'Which version of the mock this is.',
    run: ({ version }) => ({ version }),
  }),
  route({
    method: 'POST',
    path: '/reset',
    summary:
      'Puts the sandbox back to what a new one holds: no logins, no sessions, no faults, no journal, the real clock.',
    run: ({ sandbox }) => sandbox.reset(),
  }),
]
