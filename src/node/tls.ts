// What the server shows its clients over https: a certificate made at this start, or one that is there.
import { readFile, stat, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { codeOf, Unusable } from './problem.ts'

export type TlsOptions = {
  /** Names that clients use, beside those of the host and of PUBLIC_URL. */
  httpsNames?: string[] | undefined
  /** Where the authority of a certificate that is made is written, in PEM; else in a file that goes with the server. */
  caPath?: string | undefined
  /** Files with a certificate that is there, and its key, in PEM. */
  certPath?: string | undefined
  keyPath?: string | undefined
}
export type Tls = {
  cert: string
  /** In PKCS#8, which is all that the runtime reads. */
  key: string
  /** Of a certificate that was made: its authority, and the file that holds it. */
  made?: { ca: string; caFile: string }
}

/** As the command and, in brackets, `start()` name them. */
const [NAMES, CA, CERT, KEY] = [
  '--https-name (httpsNames)',
  '--ca-file (caPath)',
  '--cert (certPath)',
  '--key (keyPath)',
]

/** Why these do not go together; or nothing. */
export function whyNoTls(
  isHttps: boolean,
  { httpsNames = [], caPath, certPath, keyPath }: TlsOptions,
): string | undefined {
  if ((certPath === undefined) !== (keyPath === undefined))
    return `A certificate needs its key: give ${CERT} and ${KEY}.`
  const wrong = httpsNames.find((name) => !isIP(name) && !/^[\w.*-]+$/.test(name))
  if (wrong !== undefined) return `${NAMES} takes a name or an address, as vcenter.example.com, not "${wrong}".`
  const forMade = httpsNames.length > 0 || caPath !== undefined
  if (forMade && certPath !== undefined)
    return `${NAMES} and ${CA} are for a certificate that is made, not for ${CERT}.`
  if (isHttps) return undefined
  if (certPath !== undefined) return `${CERT} needs --https (https: true).`
  return forMade ? `${NAMES} and ${CA} need --https (https: true).` : undefined
}

/** The certificate that is there, or one for these names and those that were asked for. */
export const tlsFor = ({ certPath, keyPath, ...options }: TlsOptions, directory: string, names: string[]) =>
  certPath === undefined || keyPath === undefined ? makeTls(options, directory, names) : readTls(certPath, keyPath)

async function readTls(certPath: string, keyPath: string): Promise<Tls> {
  const { createPrivateKey, X509Certificate } = await import('node:crypto')
  const [cert, keyText] = await Promise.all([readText(certPath), readText(keyPath)])
  const certificate = parsed(
    () => new X509Certificate(cert),
    `${certPath} (${CERT}) holds no certificate in PEM. If it has another form, convert it: openssl x509 -in ${certPath} -out cert.pem`,
  )
  const key = parsed(
    () => createPrivateKey(keyText),
    `${keyPath} (${KEY}) holds no private key in PEM without a passphrase. If it has another form, convert it: openssl pkey -in ${keyPath} -out key.pem`,
  )
  if (!certificate.checkPrivateKey(key))
    throw new Unusable(`${keyPath} holds the key of another certificate than ${certPath}.`)
  return { cert, key: String(key.export({ type: 'pkcs8', format: 'pem' })) }
}

const readText = (path: string) =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw new Unusable(`${path} cannot be read (${codeOf(error)}).`)
  })

function parsed<T>(parse: () => T, problem: string): T {
  try {
    return parse()
  } catch {
    throw new Unusable(problem)
  }
}

/** The file of the authority lies in the directory, unless another place is named. */
async function makeTls({ httpsNames = [], caPath }: TlsOptions, directory: string, names: string[]): Promise<Tls> {
  const { makeCertificate } = await import('./certificate.ts')
  // By the clock of the machine, as other processes see it, and by `Date`, which a test may have set to any time.
  const { mtimeMs } = await stat(directory)
  const { ca, cert, key } = await makeCertificate([Date.now(), mtimeMs], [...names, ...httpsNames])
  const caFile = caPath === undefined ? join(directory, 'ca.pem') : resolve(caPath)
  await writeFile(caFile, ca).catch((error: unknown) => {
    throw new Unusable(`The authority cannot be written to ${caFile} (${codeOf(error)}).`)
  })
  return { cert, key, made: { ca, caFile } }
}
