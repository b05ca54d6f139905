// A certificate for this machine, and the authority that vouches for it: made anew at every start, good for a month.
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import 'reflect-metadata' // x509 stands on it, and does not bring it
import * as x509 from '@peculiar/x509'

/** Node's own: that of a test's page, as Jest's jsdom has it, makes no keys. */
const crypto = webcrypto as Crypto // whose types are those of a browser
x509.cryptoProvider.set(crypto)
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const MONTH_MS = 30 * 24 * 60 * 60 * 1000
const HOUR_MS = 60 * 60 * 1000

/** All in PEM; clients are to trust `ca`. Good at any of the moments, for these names and addresses and the loopback's. */
export async function makeCertificate(
  moments: number[],
  names: string[],
): Promise<{ ca: string; cert: string; key: string }> {
  // An hour back, for clients whose clocks are behind.
  const validity = {
    notBefore: new Date(Math.min(...moments) - HOUR_MS),
    notAfter: new Date(Math.max(...moments) + MONTH_MS),
  }
  const authority = await newKeys()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=update-session-mock authority',
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: authority,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  })
  const keys = await newKeys()
  const cert = await x509.X509CertificateGenerator.create({
    subject: 'CN=update-session-mock',
    issuer: ca.subject,
    ...validity,
    signingAlgorithm: ALGORITHM,
    signingKey: authority.privateKey,
    publicKey: keys.publicKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        Array.from(new Set(['localhost', '127.0.0.1', '::1', ...names]), (value) => ({
          type: isIP(value) ? ('ip' as const) : ('dns' as const),
          value,
        })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      // Python 3.13 and later refuse a certificate that does not name the key it was signed with.
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { ca: ca.toString('pem'), cert: cert.toString('pem'), key }
}

const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
