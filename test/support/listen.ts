// HTTP servers of tests: on a free port of the loopback address, until they are stopped with all that they still answer.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Listening = { url: string; port: number; stop: () => Promise<void> }

export async function listen(answer: RequestListener): Promise<Listening> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a server that listens by TCP
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
