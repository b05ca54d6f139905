// Real proxies before a mock: nginx and Caddy, with TLS and as docs/deploy.md writes them.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeCertificate } from '../../src/node/certificate.ts'
import { isThere } from '../support/gate.ts'

const PLACES = { nginx: '/usr/sbin/nginx', caddy: '/usr/bin/caddy' }
export type Kind = keyof typeof PLACES
export const hasProxy = (kind: Kind): boolean =>
  isThere(existsSync(PLACES[kind]), `no ${kind} on this machine: apt-get install nginx-light caddy`)

type Files = { cert: string; key: string; directory: string }
type Route = { port: number; mockUrl: string; path: string }

/** The location is the one of docs/deploy.md. */
const nginxConfig = ({ cert, key, directory }: Files, { port, mockUrl, path }: Route) => `
daemon off;
pid ${directory}/nginx.pid;
error_log stderr crit;
events {}
http {
  access_log off;
  log_not_found off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    location ${path}/ {
      proxy_pass ${mockUrl}/;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      client_max_body_size 0;
    }
  }
}`

const caddyConfig = ({ cert, key }: Files, { port, mockUrl, path }: Route) => `
{
  admin off
  auto_https off
  log {
    output discard
  }
}
https://:${port} {
  tls ${cert} ${key}
  handle_path ${path}/* {
    reverse_proxy ${mockUrl} {
      flush_interval -1
    }
  }
}`

/** A free port, for a mock that must know the address of its proxy. It is none of those that the system gives to others meanwhile. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(randomInt(10_000, 32_000), '127.0.0.1')
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (!isFree) return freePort()
  const { port } = server.address() as AddressInfo // of a server that listens by TCP
  await once(server.close(), 'close')
  return port
}

export async function startReverseProxy(kind: Kind, route: Route & { host: string }) {
  const directory = await mkdtemp(join(tmpdir(), 'reverse-proxy-'))
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem'), directory }
  const { ca, cert, key } = await makeCertificate([Date.now()], [route.host])
  const caFile = join(directory, 'ca.pem')
  const config = join(directory, 'config')
  await Promise.all([
    writeFile(caFile, ca),
    writeFile(files.cert, cert),
    writeFile(files.key, key),
    writeFile(config, kind === 'nginx' ? nginxConfig(files, route) : caddyConfig(files, route)),
  ])
  const args = kind === 'nginx' ? ['-c', config, '-e', 'stderr'] : ['run', '--adapter', 'caddyfile', '--config', config]
  const child = spawn(PLACES[kind], args, {
    stdio: 'ignore',
    env: { ...process.env, HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
  })
  await listening(route.port)
  return {
    caFile,
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isThere) return
    await pause(100)
  }
  throw new Error(`nothing listens on port ${port}`)
}
