// Many sessions that upload at once, half of them cancelled on the way. Bytes belong to no binding: the sessions are
// /api's.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { connect } from '../../support/api.ts'
import { sessionOf, settle, slowly, storedBy } from '../../support/bytes.ts'
import { LIBRARY, type Client } from '../../support/client.ts'
import { digest, upload } from '../../support/files.ts'

const PIECES = ['a', 'b', 'c'].map((letter) => letter.repeat(30_000))
const CONTENT = PIECES.join('')

/** One client's story: it cancels before this piece, or not at all. */
async function upToCancel(client: Client, name: string, cancelsBefore: number | null) {
  const itemId = await client.items.create({ library_id: LIBRARY, name })
  const { id, files } = await sessionOf(client, itemId)
  const checksum_info = { algorithm: 'SHA256', checksum: await digest('SHA-256', CONTENT) }
  const file = await files.push('a.iso', { size: CONTENT.length, checksum_info })
  const { body, write, writer } = slowly()
  const answer = upload(file, body).catch((error: unknown) => error)
  const send = async () => {
    for (const [index, piece] of PIECES.entries()) {
      if (index === cancelsBefore) return client.cancel(id)
      await write(piece)
    }
    await writer.close()
    if (cancelsBefore === PIECES.length) await client.cancel(id)
  }
  await send()
  const status = await answer
  if (cancelsBefore === null) await client.complete(id)
  return { itemId, id, status, cancelsBefore }
}

it('leaves of 50 uploads at once exactly the files of the items that were completed', async () => {
  const moments = fc.array(fc.option(fc.nat(PIECES.length), { freq: 2 }), { minLength: 50, maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(moments, async (cancels) => {
      const client = await connect()

      const ended = await Promise.all(cancels.map((before, index) => upToCancel(client, `item-${index}`, before)))

      const sha256 = await digest('SHA-256', CONTENT)
      for (const { itemId, id, status, cancelsBefore } of ended) {
        const files = await client.itemFiles.list(itemId)
        if (cancelsBefore !== null) {
          if (cancelsBefore < PIECES.length) expect(status).toMatchObject({ status: 404 })
          expect(await client.get(id)).toMatchObject({ state: 'CANCELED' })
          expect(files).toEqual([])
        } else {
          expect(status).toBe(200)
          expect(await client.get(id)).toMatchObject({ state: 'DONE' })
          expect(files).toMatchObject([{ name: 'a.iso', size: CONTENT.length, checksum_info: { checksum: sha256 } }])
        }
      }
      await settle(client)
      expect(await storedBy(client)).toHaveLength(cancels.filter((before) => before === null).length)
    }),
    { numRuns: 1, endOnFailure: true, unbiased: true },
  )
})
