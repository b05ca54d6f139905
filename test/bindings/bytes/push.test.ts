// Files that the client sends: what the upload endpoint takes, what it verifies, and what shows meanwhile.
import { describe, expect, it } from 'vitest'
import { bindings } from '../../support/api.ts'
import { aSession, underWay } from '../../support/bytes.ts'
import { digest, upload } from '../../support/files.ts'

const HELLO = 'hello world'
/** As the API and as Web Crypto names them. */
const ALGORITHMS = [
  ['SHA1', 'SHA-1'],
  ['MD5', 'MD5'],
  ['SHA256', 'SHA-256'],
  ['SHA512', 'SHA-512'],
] as const
const gone = { status: 404, errorType: 'NOT_FOUND' }

describe.concurrent.each(bindings)('a file to be pushed, through $name,', ({ connect }) => {
  it('waits, with an absolute address to send its bytes to', async () => {
    const { files } = await aSession(connect)
    const waiting = { name: 'a.iso', source_type: 'PUSH', status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 }
    const uri = expect.stringMatching(/^https:\/\/vcenter\.test\/cls\/data\/[^/]+\/a\.iso$/) as string
    expect(await files.push('a.iso')).toEqual({ ...waiting, upload_endpoint: { uri } })
  })

  it.each([
    ['PUT', 'application/octet-stream'],
    ['POST', 'application/x-www-form-urlencoded'],
    ['PUT', 'application/json'],
    ['POST', 'multipart/form-data'],
    ['PUT', undefined],
  ])('takes a %s of %s and answers 200', async (method, mediaType) => {
    const { files } = await aSession(connect)
    const file = await files.push('a.iso')

    const status = await upload(file, HELLO, { method, headers: mediaType ? { 'content-type': mediaType } : {} })

    expect(status).toBe(200)
    await expect(files.get('a.iso')).resolves.toMatchObject({
      status: 'READY',
      size: 11,
      bytes_transferred: 11,
      checksum_info: { algorithm: 'SHA1', checksum: await digest('SHA-1', HELLO) },
    })
  })

  it.each(ALGORITHMS)('is READY with the %s that was expected', async (algorithm, known) => {
    const { files } = await aSession(connect)
    const checksum_info = { algorithm, checksum: await digest(known, HELLO) }

    await upload(await files.push('a.iso', { size: 11, checksum_info }), HELLO)

    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'READY', checksum_info })
  })

  it('takes an upper-case digest, and one whose algorithm goes without saying', async () => {
    const { files } = await aSession(connect)
    const checksum = (await digest('SHA-1', HELLO)).toUpperCase()
    await upload(await files.push('a.iso', { checksum_info: { checksum } }), HELLO)
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'READY' })
  })

  it.each(ALGORITHMS)(
    'with another %s than expected is an ERROR that names both, and so is its session',
    async (algorithm, known) => {
      const { client, id, files } = await aSession(connect)
      const expected = await digest(known, 'something else')
      const file = await files.push('a.iso', { checksum_info: { algorithm, checksum: expected } })

      await expect(upload(file, HELLO)).rejects.toMatchObject({ status: 400, errorType: 'INVALID_ARGUMENT' })

      const why = { args: ['a.iso', algorithm, expected, await digest(known, HELLO)] }
      await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'ERROR', error_message: why })
      await expect(client.get(id)).resolves.toMatchObject({ state: 'ERROR', error_message: why })
    },
  )

  it.each([10, 12, 0])('of 11 bytes instead of %d is an ERROR that names both, and so is its session', async (size) => {
    const { client, id, files } = await aSession(connect)

    await expect(upload(await files.push('a.iso', { size }), HELLO)).rejects.toMatchObject({ status: 400 })

    const why = { args: ['a.iso', `${size}`, '11'] }
    const failed = { status: 'ERROR', bytes_transferred: 11, error_message: why }
    await expect(files.get('a.iso')).resolves.toMatchObject(failed)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ERROR', error_message: why })
  })

  it('that was added again waits for bytes at a new address; the old one is gone', async () => {
    const { files } = await aSession(connect)
    const before = await files.push('a.iso')
    await upload(before, HELLO)

    const after = await files.push('a.iso')

    expect(after).toMatchObject({ status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 })
    await expect(upload(before, HELLO)).rejects.toMatchObject(gone)
    await expect(upload(after, HELLO)).resolves.toBe(200)
    await expect(files.list()).resolves.toHaveLength(1)
  })

  it.each(['9007199254740992', '9223372036854775808', '37748736001', '-1', '1e3', '0x10', '5.5', '5, 6'])(
    'takes no bytes that say they are %s, begins nothing, and waits for another try',
    async (length) => {
      const { client, id, files } = await aSession(connect)
      const file = await files.push('a.iso')

      const refusal = { status: 400, errorType: 'INVALID_REQUEST', message: expect.stringContaining(length) as string }
      const headers = { 'content-length': length }
      await expect(upload(file, HELLO, { headers })).rejects.toMatchObject(refusal)

      await expect(files.get('a.iso')).resolves.toEqual(file)
      await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
      await expect(upload(file, HELLO)).resolves.toBe(200)
    },
  )

  it.each([
    ['an address that was never given out', (path: string) => path.replace(/data\/[^/]+/, 'data/nonsense')],
    ['another name', (path: string) => path.replace('a.iso', 'b.iso')],
    ['a name with a broken escape', (path: string) => path.replace('a.iso', '%E0%A4%A')],
    ['a token of another file', (path: string) => path.replace(/[0-9a-f]{4}\/a\.iso/, '0000/a.iso')],
  ])('takes no bytes at %s', async (_, elsewhere) => {
    const { files } = await aSession(connect)
    const file = await files.push('a.iso')
    const uri = elsewhere(file.upload_endpoint?.uri ?? '')

    await expect(upload({ ...file, upload_endpoint: { uri } }, HELLO)).rejects.toMatchObject(gone)
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
  })
})

describe.concurrent.each(bindings)('a file under way, through $name,', ({ connect }) => {
  it('shows how far it is, and is READY once its last byte has come', async () => {
    const { files } = await aSession(connect)

    const { answer, write, end } = await underWay(files, await files.push('a.iso'), HELLO)
    expect(await files.get('a.iso')).not.toHaveProperty('size')
    await write('!')
    await end()

    expect(await answer).toBe(200)
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'READY', size: 12, bytes_transferred: 12 })
  })

  it('is replaced by what is sent meanwhile, and the two do not mix', async () => {
    const { files } = await aSession(connect)
    const file = await files.push('a.iso', { checksum_info: { checksum: await digest('SHA-1', 'second') } })
    const { answer, end } = await underWay(files, file, 'first')

    await expect(upload(file, 'second')).resolves.toBe(200)

    await end()
    expect(await answer).toMatchObject(gone)
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'READY', size: 6 })
  })
})
