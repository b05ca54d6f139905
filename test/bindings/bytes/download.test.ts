// Ranges of downloads: what a client that goes on where it stopped is given.
import { describe, expect, it } from 'vitest'
import { aSession } from '../../support/bytes.ts'
import { ITEM, LIBRARY } from '../../support/client.ts'
import { upload } from '../../support/files.ts'
import { request } from '../../support/http.ts'

async function aFile() {
  const { client, id, files } = await aSession()
  await upload(await files.push('a.iso'), 'hello world')
  await client.complete(id)
  return async (headers: Record<string, string>, method = 'GET') => {
    const login = { 'vmware-api-session-id': client.token }
    const answer = await request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, { method, headers: { ...login, ...headers } })
    const [range, length] = ['content-range', 'content-length'].map((name) => answer.headers.get(name))
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', range, length, text: await answer.text() }
  }
}

describe('a download', () => {
  it('says that it has ranges, and the tag of the file', async () => {
    const download = await aFile()

    expect(await download({})).toMatchObject({ status: 200, range: null, length: '11', text: 'hello world' })
    expect(await download({}, 'HEAD')).toMatchObject({ status: 200, length: '11', text: '' })
  })

  it.each([
    ['bytes=6-', 206, 'bytes 6-10/11', 'world'],
    ['bytes=0-4', 206, 'bytes 0-4/11', 'hello'],
    ['bytes=-5', 206, 'bytes 6-10/11', 'world'],
    ['bytes=11-', 416, 'bytes */11', ''],
    ['bytes=0-1,3-4', 200, null, 'hello world'],
    [`bytes=0-${'9'.repeat(300)}`, 200, null, 'hello world'],
  ])('of %s is answered %d', async (wanted, status, range, text) => {
    const download = await aFile()

    expect(await download({ range: wanted })).toMatchObject({ status, range, text })
  })

  it('of a range is all of the file where that is another than the client has a part of', async () => {
    const download = await aFile()
    const { etag } = await download({})

    expect(await download({ range: 'bytes=6-', 'if-range': etag })).toMatchObject({ status: 206, text: 'world' })
    expect(await download({ range: 'bytes=6-', 'if-range': '"other"' })).toMatchObject({
      status: 200,
      text: 'hello world',
    })
  })
})
