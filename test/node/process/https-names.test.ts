// https under names that clients use.
import { generateKeyPairSync, KeyObject } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeCertificate } from '../../../src/node/certificate.ts'
import { Unusable } from '../../../src/node/problem.ts'
import { serve, type StartOptions } from '../../../src/node/server.ts'
import { startedCommand } from '../../support/command.ts'
import { aFolder } from '../../support/folder.ts'
import { send } from '../send.ts'

const NAME = 'vcenter.example.com'

/** The status of the health, asked under this name by a client that trusts this authority alone. */
const statusUnder = async (url: string, servername: string, ca: string) =>
  (await send(`${url}/__admin/health`, { ca, servername, headers: { host: servername } })).status

async function begin(options: StartOptions) {
  const mock = await serve({ https: true, ...options, vars: { LOG_REQUESTS: 'off', ...options.vars } })
  onTestFinished(() => mock.stop())
  return mock
}

async function written({ cert, key }: { cert: string; key: string | Buffer }) {
  const folder = await aFolder()
  const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await Promise.all([writeFile(certPath, cert), writeFile(keyPath, key)])
  return { certPath, keyPath }
}

describe('https', () => {
  it('is for the names that are given, and for the host of PUBLIC_URL', async () => {
    const caPath = join(await aFolder(), 'ca.pem')
    const vars = { PUBLIC_URL: 'https://mocks.example.com/mock' }
    const { url, caFile, stop } = await begin({ httpsNames: [NAME], caPath, vars })

    expect(caFile).toBe(caPath)
    const ca = await readFile(caPath, 'utf8')
    for (const name of [NAME, 'mocks.example.com', 'localhost']) expect(await statusUnder(url, name, ca)).toBe(200)
    await expect(statusUnder(url, 'other.example.com', ca)).rejects.toThrow('does not match')
    await stop()
    expect((await stat(caPath)).size).toBeGreaterThan(0) // for who mounts it
  })

  it('shows a certificate that is there', async () => {
    const { ca, cert, key } = await makeCertificate([Date.now()], [NAME])

    const { url, caFile } = await begin(await written({ cert, key }))

    expect([url.startsWith('https:'), caFile]).toEqual([true, undefined])
    expect(await statusUnder(url, NAME, ca)).toBe(200)
  })

  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
  const secret = { cipher: 'aes-256-cbc', passphrase: 'x' }
  const { privateKey } = generateKeyPairSync('ed25519')
  it.each([
    ['the key of another', { key: privateKey.export(pkcs8) }, /holds the key of another certificate than/],
    ['a key with a passphrase', { key: privateKey.export({ ...pkcs8, ...secret }) }, /openssl pkey -in .*key\.pem/],
    ['a key that is empty', { key: '' }, /key\.pem \(--key \(keyPath\)\) holds no private key in PEM/],
    ['a certificate that is none', { cert: 'hello' }, /cert\.pem \(--cert \(certPath\)\) holds no certificate in PEM/],
  ])('does not start with a certificate and %s', async (_, files, why) => {
    const given = await written({ ...(await makeCertificate([Date.now()], [NAME])), ...files })

    await expect(begin(given)).rejects.toThrow(why)
    await expect(begin(given)).rejects.toThrow(Unusable)
  })

  it('does not start with a key of a kind that the runtime does not take, and names those it takes', async () => {
    // Which needs what the module of ours loads first.
    const { X509CertificateGenerator } = await import('@peculiar/x509')
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-521' }, true, ['sign', 'verify'])
    const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const cert = (await X509CertificateGenerator.createSelfSigned({ keys, signingAlgorithm })).toString('pem')
    const key = KeyObject.from(keys.privateKey).export(pkcs8)

    await expect(begin(await written({ cert, key }))).rejects.toThrow('it takes RSA of 2048 bits and more, ECDSA on')
  })

  it.each<[string, StartOptions, string]>([
    ['a certificate without its key', { certPath: 'cert.pem' }, 'give --cert (certPath) and --key (keyPath)'],
    ['a certificate that is not there', { certPath: '/none', keyPath: '/none' }, '/none cannot be read (ENOENT)'],
    ['a name that is none', { httpsNames: ['https://vcenter'] }, 'a name or an address, as vcenter.example.com'],
    ['a name that is empty', { httpsNames: [''] }, 'not "".'],
    ['names for a certificate that is there', { certPath: 'a', keyPath: 'b', httpsNames: [NAME] }, 'not for --cert'],
    ['names without https', { https: false, httpsNames: [NAME] }, 'need --https'],
    ['an authority that cannot be written', { caPath: '/none/ca.pem' }, 'cannot be written to /none/ca.pem (ENOENT)'],
  ])('does not start with %s', async (_, options, why) => {
    await expect(begin(options)).rejects.toThrow(Unusable)
    await expect(begin(options)).rejects.toThrow(why)
  })
})

it('the command is trusted by the name that it is given', async () => {
  const caPath = join(await aFolder(), 'authority.pem')
  const { url } = await startedCommand(['--https', '--https-name', NAME, '--ca-file', caPath])

  expect(await statusUnder(url, NAME, await readFile(caPath, 'utf8'))).toBe(200)
})
