// Items of type ovf: what their descriptor and their manifest say of the other files, and the preview.
import { describe, expect, inject, it } from 'vitest'
import { readDescriptor } from '../../src/content/descriptor.ts'
import { admin } from '../support/admin.ts'
import { bindings, connect as connectApi } from '../support/api.ts'
import { sessionOf, settle, storedBy, underWay } from '../support/bytes.ts'
import { LIBRARY } from '../support/client.ts'
import { digest, filesOf, upload } from '../support/files.ts'
import { uriOf } from '../support/pulls.ts'

const DESCRIPTOR = `<?xml version="1.0"?>
<ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <ovf:References>
    <ovf:File ovf:href="disk-1.vmdk" ovf:id="file1" ovf:size="5"/>
    <ovf:File ovf:href="disk-2.vmdk" ovf:id="file2"/>
  </ovf:References>
</ovf:Envelope>`

/** With the low byte first. */
const utf16 = (text: string) => new Uint8Array(Uint16Array.from(text, (unit) => unit.charCodeAt(0)).buffer)

const swapped = (text: string) => utf16(text).map((_, at, all) => all[at ^ 1] ?? 0)

const declaring = (encoding: string, mark = '') =>
  `${mark}<?xml version="1.0" encoding="${encoding}"?><Envelope><References><File href="é.vmdk"/></References></Envelope>`

async function anOvfSession({ type = 'ovf', connect = connectApi } = {}) {
  const client = await connect()
  const itemId = await client.items.create({ library_id: LIBRARY, name: 'appliance', type })
  return { client, itemId, ...(await sessionOf(client, itemId)) }
}
type Files = Awaited<ReturnType<typeof anOvfSession>>['files']
const push = async (files: Files, name: string, text = 'hello') => upload(await files.push(name), text)

describe.concurrent.each(bindings)('an OVF descriptor, through $name,', ({ connect }) => {
  it('and its files have the same checksum in the session and in the item', async () => {
    const { client, id, itemId, files } = await anOvfSession({ connect })
    await push(files, 'a.vmdk')
    await push(files, 'b.vmdk')
    const checksum_info = { algorithm: 'SHA256', checksum: await digest('SHA-256', 'hello') } as const
    await upload(await files.push('b.vmdk', { checksum_info }), 'hello')
    const shown = (await files.list()).map((file) => file.checksum_info)
    expect(shown).toEqual([{ algorithm: 'SHA1', checksum: await digest('SHA-1', 'hello') }, checksum_info])

    await client.complete(id)

    expect((await client.itemFiles.list(itemId)).map((file) => file.checksum_info)).toEqual(shown)
    expect((await files.list()).map((file) => file.checksum_info)).toEqual(shown)
    const next = await sessionOf(client, itemId)
    expect((await next.files.list()).map((file) => file.checksum_info)).toEqual(shown)
  })

  it.each([
    ['UTF-16 with a mark', utf16(declaring('UTF-16', '\ufeff'))],
    ['UTF-16 of the other order', swapped(declaring('UTF-16', '\ufeff'))],
    ['UTF-16 without a mark', utf16(declaring('utf-16'))],
    ['UTF-16 of the other order without a mark', swapped(declaring('utf-16'))],
    ['Latin-1', Uint8Array.from(declaring('ISO-8859-1'), (character) => character.charCodeAt(0))],
    ['UTF-8 that calls itself UTF-16', declaring('UTF-16')],
    ['UTF-8 under a name that nothing has', declaring('x-none')],
  ])('in %s is read', async (_, bytes) => {
    const { files } = await anOvfSession({ connect })
    await upload(await files.push('a.ovf'), bytes)

    await expect(files.validate()).resolves.toMatchObject({ missing_files: ['é.vmdk'] })
  })

  it('names the files that are missing, each of them once', async () => {
    const { client, id, files } = await anOvfSession({ connect })
    await push(files, 'a.ovf', DESCRIPTOR.replace('disk-2', 'disk-1'))

    await expect(files.validate()).resolves.toEqual({
      has_errors: true,
      missing_files: ['disk-1.vmdk'],
      invalid_files: [],
    })
    await expect(client.complete(id)).rejects.toMatchObject({
      status: 400,
      errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
      messages: [{ args: ['', 'disk-1.vmdk '] }],
    })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })
})

describe.concurrent.each(bindings)('the preview through $name', ({ connect }) => {
  it('is unavailable, then being prepared, then available, as metadata is added and arrives', async () => {
    const session = await anOvfSession({ connect })
    expect(await preview(session)).toEqual({ state: 'UNAVAILABLE' })

    const file = await session.files.push('a.ovf')
    expect(await preview(session)).toEqual({ state: 'PREPARING' })

    const { answer, end } = await underWay(session.files, file, '<Envelope/>')
    expect(await preview(session)).toEqual({ state: 'PREPARING' })

    await end()
    await answer
    expect(await preview(session)).toEqual({ state: 'AVAILABLE', warnings: [] })
  })

  it('is shown while a completion waits for a pull', async () => {
    const session = await anOvfSession({ connect })
    await session.files.pull('a.ovf', uriOf('/gate'))

    await session.client.complete(session.id)

    expect(await preview(session)).toEqual({ state: 'PREPARING' })
  })

  it.each(['complete', 'cancel', 'fail'] as const)('is not shown after %s', async (operation) => {
    const session = await anOvfSession({ connect })

    await session.client[operation](session.id, 'enough')

    expect(await preview(session)).toBeUndefined()
  })
})

it.each([
  ['a.ovf', `<Envelope><References>${'<File href="a"/>'.repeat(1001)}</References></Envelope>`],
  ['a.mf', `SHA1(a)= ${'0'.repeat(40)}\n`.repeat(1001)],
])('of what %s names, a thousand files are kept, as many as a session has', (name, text) => {
  const [named] = Object.values(readDescriptor(name, new Uint8Array(new TextEncoder().encode(text))) ?? {})
  expect(named).toHaveLength(1000)
})

// What is in a file is read in the same way, whichever binding made its session: from here on it is /api's.
describe('an OVF descriptor', () => {
  it.each([
    ['nothing', ''],
    ['no XML', 'hello'],
    ['broken XML', '<Envelope><References>'],
    ['another document', '<html><body/></html>'],
    ['no references', '<Envelope/>'],
    ['references without a name', '<Envelope><References><File/></References></Envelope>'],
    ['entities without end', '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Envelope>&b;</Envelope>'],
    ['a billion tags', '<a>'.repeat(10_000)],
    ['more than 1 MiB', DESCRIPTOR + ' '.repeat(1024 * 1024)],
  ])('that holds %s names nothing', async (_, text) => {
    const { files } = await anOvfSession()

    await push(files, 'a.ovf', text)

    await expect(files.validate()).resolves.toEqual({ has_errors: false, missing_files: [], invalid_files: [] })
  })

  it('may write a name by references to characters, as XML does for an ampersand', async () => {
    const { client, id, files } = await anOvfSession()
    await push(files, 'a.ovf', DESCRIPTOR.replace('disk-1', 'R&amp;D').replace('disk-2', '&#x52;&#38;D &apos;2&apos;'))
    await push(files, 'R&D.vmdk')
    await push(files, "R&D '2'.vmdk")

    await expect(files.validate()).resolves.toMatchObject({ missing_files: [] })

    await client.complete(id)
  })

  it('that is pulled after the session was completed turns it ERROR over what is missing', async () => {
    const { client, id, files } = await anOvfSession()
    const uri = `${inject('sourceUrl')}/descriptor`
    await files.pull('a.ovf', uri)

    await client.complete(id)

    await expect
      .poll(() => client.get(id))
      .toMatchObject({ state: 'ERROR', error_message: { args: ['', 'disk-1.vmdk '] } })
  })
})

const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const

describe('an OVF manifest', () => {
  it.each(ALGORITHMS)('with the right %s of a file is content', async (algorithm) => {
    const { client, id, files } = await anOvfSession()
    await push(files, 'a.mf', await manifest(algorithm, 'hello'))

    await push(files, 'disk-1.vmdk')

    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it.each(ALGORITHMS)('with another %s turns the session ERROR and names both', async (algorithm) => {
    const { client, id, files } = await anOvfSession()
    await push(files, 'a.mf', await manifest(algorithm, 'another'))

    await push(files, 'disk-1.vmdk')

    const [, expected = ''] = (await manifest(algorithm, 'another')).trim().split('= ')
    const [, computed = ''] = (await manifest(algorithm, 'hello')).trim().split('= ')
    const error_message = { args: ['disk-1.vmdk', 'a.mf', algorithm, expected, computed] }
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ERROR', error_message })
    await expect(files.list()).resolves.toMatchObject([
      { name: 'a.mf', status: 'WAITING_FOR_TRANSFER' },
      { name: 'disk-1.vmdk', status: 'ERROR', bytes_transferred: 5, error_message },
    ])
    await settle(client)
    expect(await storedBy(client)).toEqual([])
  })

  it.each(ALGORITHMS)('with another %s of a file that a test has made turns it ERROR, too', async (algorithm) => {
    const { client, id, itemId } = await anOvfSession()
    await client.cancel(id)
    const spec = { library_item_id: itemId, files: [{ name: 'disk-1.vmdk', status: 'READY', content: 'hello' }] }
    const { body } = await admin(client.user, 'POST', '/sessions', spec)
    const made = filesOf(client, String(body['id']))

    await push(made, 'a.mf', await manifest(algorithm, 'another'))

    await expect(client.get(String(body['id']))).resolves.toMatchObject({ state: 'ERROR' })
  })

  it('may come after the file it speaks of', async () => {
    const { client, id, files } = await anOvfSession()
    await push(files, 'disk-1.vmdk')

    await push(files, 'a.mf', await manifest('SHA256', 'another'))

    await expect(client.get(id)).resolves.toMatchObject({ state: 'ERROR' })
    await expect(files.get('disk-1.vmdk')).resolves.toMatchObject({ status: 'ERROR' })
  })

  it.each([
    ['UTF-16, as its first bytes say', '\ufeff', 2],
    ['UTF-8 with a mark', '\ufeff', 1],
  ])('in %s is read', async (_, mark, width) => {
    const { client, id, files } = await anOvfSession()
    const text = mark + (await manifest('SHA256', 'another'))
    await upload(await files.push('a.mf'), width === 2 ? utf16(text) : text)

    await push(files, 'disk-1.vmdk')

    await expect(client.get(id)).resolves.toMatchObject({ state: 'ERROR', error_message: { args: { 1: 'a.mf' } } })
  })

  it.each(['a.mf', 'a.cert', 'A.MF'])('%s is refused once the descriptor was added', async (name) => {
    const { files } = await anOvfSession()
    await files.push('a.ovf')

    await expect(files.push(name)).rejects.toMatchObject({ status: 400, errorType: 'NOT_ALLOWED_IN_CURRENT_STATE' })
  })

  it('is of no use to the item, and is deleted when the session is complete', async () => {
    const { client, itemId, id, files } = await anOvfSession()
    await push(files, 'a.mf', await manifest('SHA256', 'hello'))
    await push(files, 'a.cert')
    await push(files, 'a.ovf', '<Envelope/>')
    await push(files, 'disk-1.vmdk')
    await expect(files.list()).resolves.toMatchObject([
      { name: 'a.mf', keep_in_storage: false },
      { name: 'a.cert', keep_in_storage: false },
      { name: 'a.ovf' },
      { name: 'disk-1.vmdk' },
    ])
    expect(await files.get('a.ovf')).not.toHaveProperty('keep_in_storage')

    await client.complete(id)
    await settle(client)

    await expect(client.itemFiles.list(itemId)).resolves.toMatchObject([{ name: 'a.ovf' }, { name: 'disk-1.vmdk' }])
    expect(await storedBy(client)).toHaveLength(2)
  })

  it('is a file like any other in an item of another type', async () => {
    const { client, itemId, id, files } = await anOvfSession({ type: 'iso' })
    await push(files, 'a.mf', await manifest('SHA256', 'another'))
    await push(files, 'disk-1.vmdk')
    expect(await files.get('a.mf')).not.toHaveProperty('keep_in_storage')

    await client.complete(id)

    await expect(client.itemFiles.list(itemId)).resolves.toMatchObject([{ name: 'a.mf' }, { name: 'disk-1.vmdk' }])
  })
})

/** A manifest that gives the digest of this text for the disk. */
const manifest = async (algorithm: (typeof ALGORITHMS)[number], text: string) => {
  const known = { SHA1: 'SHA-1', SHA256: 'SHA-256', SHA512: 'SHA-512' } as const
  return `${algorithm}(disk-1.vmdk)= ${await digest(known[algorithm], text)}\r\n`
}

const preview = async (session: Awaited<ReturnType<typeof anOvfSession>>) =>
  (await session.client.get(session.id)).preview_info
