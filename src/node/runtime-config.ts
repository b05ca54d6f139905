// The configuration of the runtime (workerd), in its own language: what `workerd serve` reads.
import type { Bundle } from './bundle.ts'

/** The worker's script lies beside the configuration, under this name: the runtime reads it there, and this process never. */
export const SCRIPT = 'index.js'

export type RuntimeConfig = {
  bundle: Omit<Bundle, 'script'>
  /** Text bindings over those of the bundle. */
  vars: Record<string, string>
  /** Absolute, as are all paths here. */
  pages: string
  /** Where Durable Objects keep their SQLite files. */
  objects: string
  /** Where content and markers lie. */
  bytes: string
  /** What clients connect to: `ADDRESS:PORT`, where 0 is any free port. */
  address: string
  /** In PEM, the key in PKCS#8. With it clients speak https, and a second socket on a loopback address speaks plain http. */
  tls?: { key: string; cert: string }
  /** The authorities that a PULL trusts, in PEM. */
  authorities: readonly string[]
  /** Whether a PULL may connect to loopback and private addresses. */
  isPrivateReachable: boolean
}

/** The name of the socket for clients, and of the one on which this process steers the mock. */
export const CLIENTS = 'clients'
export const STEERING = 'steering'

export function runtimeConfig(config: RuntimeConfig): string {
  const { bundle, vars, tls, address, authorities } = config
  const texts = Object.entries({ ...bundle.vars, ...vars }).map(([name, value]) => binding(name, 'text', value))
  const namespaces = Object.entries(bundle.objects).map(([name, className]) =>
    binding(name, 'durableObjectNamespace', className),
  )
  const classes = Object.values(bundle.objects).map(
    (name) => `(className = ${quotedText(name)}, uniqueKey = ${quotedText(name)}, enableSql = true)`,
  )
  const bindings = [
    ...texts,
    ...namespaces,
    binding('ASSETS', 'service', 'pages'),
    binding('BYTES', 'service', 'bytes'),
    binding('BYTES_FOLDER', 'text', config.bytes),
    binding('OBJECTS', 'service', 'objects'),
    binding('OBJECTS_FOLDER', 'text', config.objects),
  ]
  const socket = (name: string, at: string, kind: string) =>
    `(name = ${quotedText(name)}, address = ${quotedText(at)}, service = "main", ${kind})`
  const https = tls
    ? `https = (options = (), tlsOptions = (keypair = (privateKey = ${quotedText(tls.key)}, certificateChain = ${quotedText(tls.cert)})))`
    : ''
  const reachable = config.isPrivateReachable ? ['public', 'private'] : ['public']
  // To speak TLS takes memory, which a mock without PULLs has no use for.
  const trust =
    authorities.length === 0 ? '' : `, tlsOptions = (trustedCertificates = ${list(authorities.map(quotedText))})`
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = ${quotedText(SCRIPT)}, esModule = embed ${quotedText(SCRIPT)})],
      compatibilityDate = ${quotedText(bundle.compatibilityDate)},
      compatibilityFlags = ${list(bundle.compatibilityFlags.map(quotedText))},
      durableObjectNamespaces = ${list(classes)},
      durableObjectStorage = (localDisk = "objects"),
      bindings = ${list(bindings)})),
    (name = "objects", disk = (path = ${quotedText(config.objects)}, writable = true)),
    (name = "bytes", disk = (path = ${quotedText(config.bytes)}, writable = true)),
    (name = "pages", disk = (path = ${quotedText(config.pages)})),
    (name = "internet", network = (allow = ${list(reachable.map(quotedText))}${trust})),
  ],
  sockets = ${list([
    socket(CLIENTS, address, tls ? https : 'http = ()'),
    ...(tls ? [socket(STEERING, '127.0.0.1:0', 'http = ()')] : []),
  ])},
  logging = (structuredLogging = true)
);
`
}

const binding = (name: string, kind: string, value: string): string =>
  `(name = ${quotedText(name)}, ${kind} = ${quotedText(value)})`
const list = (items: readonly string[]): string => `[${items.join(',\n')}]`
/** A text as the language writes it. */
const quotedText = (value: string): string =>
  `"${value.replaceAll(ESCAPED, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
const ESCAPED = /[[\p{Cc}--[\x7F-\x9F]]"\\]/gv
