// Wrong uploads: each ends in a clear answer and a clear state.
import { describe, expect, it } from 'vitest'
import { bindings } from '../../support/api.ts'
import { aSession, slowly } from '../../support/bytes.ts'
import { upload } from '../../support/files.ts'
import { advanceClock } from '../../support/sandbox.ts'

const badArgument = { status: 400, errorType: 'INVALID_ARGUMENT' }

const wrongNames: [string, string][] = [
  ['nothing', ''],
  ['the folder itself', '.'],
  ['the folder above', '..'],
  ['a way up', '../../etc/passwd'],
  ['a path', 'a/b'],
  ['a Windows path', 'a\\b'],
  ['a NUL', 'a\0b'],
  ['a line break', 'a\r\nb'],
  ['an escape', 'a\u001b[2J'],
  ['a C1 control', 'a\u0085b'],
  ['256 characters', 'a'.repeat(256)],
  ['1,000 characters', 'a'.repeat(1000)],
  ['half of a character', 'a\ud800b'],
]
const names: [string, string][] = [
  ['spaces', ' a b '],
  ['what a URL reads otherwise', 'a%2Fb?c#d&e=f+g;h:i'],
  ['percent signs', '100%'],
  ['quotes', `"a'b"`],
  ['Unicode', 'größe-日本語-🙂.iso'],
  ['combining marks', 'e\u0301'],
  ['three dots', '...'],
  ['a template', '{file_name}'],
  ['255 characters', 'a'.repeat(255)],
  ['the words of a query', "'; DROP TABLE update_file; --"],
  ['the words of an object', '__proto__'],
]

describe.each(bindings)('a file name through $name', ({ connect }) => {
  it('that could be no file of a folder is refused, and leaves the session as it was', async () => {
    const { client, id, files } = await aSession(connect)
    for (const [what, name] of wrongNames) await expect(files.push(name), what).rejects.toMatchObject(badArgument)
    await expect(files.list()).resolves.toEqual([])
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it('of any other characters is kept as it is', async () => {
    const { client, id, files } = await aSession(connect)
    for (const [what, name] of names) {
      await upload(await files.push(name), 'hello')
      await expect(files.get(name), what).resolves.toMatchObject({ name, status: 'READY', size: 5 })
    }

    await client.complete(id)

    await expect(files.list()).resolves.toMatchObject(names.map(([, name]) => ({ name })))
  })

  it('tells small letters from capitals, and composed from decomposed', async () => {
    const { files } = await aSession(connect)
    for (const name of ['a', 'A', 'é', 'e\u0301']) await files.push(name)
    await expect(files.list()).resolves.toHaveLength(4)
  })
})

const sha1 = 'a'.repeat(40)
const wrongSpecs: [string, object][] = [
  ['a negative size', { size: -1 }],
  ['a size beyond all integers', { size: 1e300 }],
  ['a size beyond the exact ones', { size: 2 ** 53 }],
  ['a fraction of a byte', { size: 1.5 }],
  ['a size in words', { size: 'eleven' }],
  ['a digest that is too short', { checksum_info: { algorithm: 'SHA1', checksum: sha1.slice(1) } }],
  ['a digest that is too long', { checksum_info: { algorithm: 'SHA1', checksum: `${sha1}a` } }],
  ['a digest of another algorithm', { checksum_info: { algorithm: 'SHA256', checksum: sha1 } }],
  ['a digest that is none', { checksum_info: { algorithm: 'SHA1', checksum: 'z'.repeat(40) } }],
  ['an empty digest', { checksum_info: { checksum: '' } }],
  ['an unknown algorithm', { checksum_info: { algorithm: 'CRC32', checksum: 'cbf43926' } }],
  ['no digest', { checksum_info: { algorithm: 'SHA1' } }],
  ['a property that does not exist', { colour: 'red' }],
  ['a source type that does not exist', { source_type: 'STEAL' }],
]

describe.each(bindings)('a file specification through $name', ({ connect }) => {
  it('of a pull may have the size -1, as govc says of a source that does not tell', async () => {
    const { files } = await aSession(connect)
    const added = files.pull('a.iso', 'http://source.test/a.iso', { size: -1 })
    await expect(added).resolves.toMatchObject({ name: 'a.iso' })
  })

  it('with something wrong is refused, and leaves the session as it was', async () => {
    const { client, id, files } = await aSession(connect)
    for (const [what, more] of wrongSpecs)
      await expect(files.push('a.iso', more), what).rejects.toMatchObject(badArgument)
    await expect(files.list()).resolves.toEqual([])
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })
})

describe('an upload', () => {
  it('of one byte at a time shows each, keeps its session alive, and ends when that does', async () => {
    const { client, id, files } = await aSession()
    const { body, write } = slowly()
    const answer = upload(await files.push('a.iso'), body).catch((error: unknown) => error)
    for (const bytes_transferred of [1, 2, 3]) {
      await write('a')
      await expect.poll(() => files.get('a.iso')).toMatchObject({ bytes_transferred })
      await advanceClock(client.user, 200_000)
    }

    // Ten minutes have gone by, which is twice the time that a session without a byte would have had.
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    await client.cancel(id)

    expect(await answer).toMatchObject({ status: 404, errorType: 'NOT_FOUND' })
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 })
  })
})
