// TLS in front of a server on this machine: takes it off and passes the bytes on as they are.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { makeCertificate } from './certificate.ts'

export type Front = {
  url: string
  /** What clients are to trust, in PEM; gone when the front closes. */
  caFile: string
  /** Where connections are passed on to, from now on. */
  lead: (port: number) => void
  close: () => Promise<void>
}

export async function openTls(): Promise<Front> {
  const { ca, cert, key } = await makeCertificate(Date.now())
  const directory = await mkdtemp(join(tmpdir(), 'update-session-mock-'))
  const caFile = join(directory, 'ca.pem')
  await writeFile(caFile, ca)

  let target = 0
  const open = new Set<TLSSocket>()
  const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (outer) => {
    const inner = connect(target, '127.0.0.1')
    outer.pipe(inner).pipe(outer)
    // A side that breaks off takes the other with it, and there is nobody else to tell.
    inner.on('error', () => outer.destroy())
    outer.on('error', () => inner.destroy())
    outer.on('close', () => inner.destroy() && open.delete(outer))
    open.add(outer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // what a server on a TCP port has

  return {
    url: `https://127.0.0.1:${port}`,
    caFile,
    lead: (to) => (target = to),
    close: async () => {
      server.close()
      for (const socket of open) socket.destroy()
      await rm(directory, { recursive: true })
    },
  }
}
