// A source that wants a name and a password, which stand in its address.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
import { uriOf } from '../support/pulls.ts'

const withUser = (uri: string, user: string) => uri.replace('http://', `http://${user}@`)

describe.each(bindings)('a PULL of http://user:password@host/, through $name,', ({ connect }) => {
  it('sends them to the source', async () => {
    const { files } = await aSession(connect)

    await files.pull('a.iso', withUser(uriOf('/secret'), 'ada:p%40ss'))

    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY' })
  })

  it('sends them to no other origin, to which that redirects', async () => {
    const { client, id, files } = await aSession(connect)

    await files.pull('a.iso', withUser(uriOf('/away'), 'ada:p%40ss'))

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR' })
    expect(JSON.stringify(await client.get(id))).toContain('the source answered 401')
  })

  it('repeats the password nowhere', async () => {
    const { client, id, files } = await aSession(connect)
    const uri = uriOf('/secret')

    const added = await files.pull('a.iso', withUser(uri, 'ada:hunter2'))
    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR' })

    const said = [added, await files.list(), await client.get(id)]
    const { body: sessions } = await admin(client.user, 'GET', '/sessions')
    const { body: requests } = await admin(client.user, 'GET', '/requests')
    expect(added).toMatchObject({ source_endpoint: { uri } })
    expect(JSON.stringify(said)).toContain('the source answered 401')
    expect(JSON.stringify([said, sessions, requests])).not.toContain('hunter2')
  })

  it.each(['ds://ada:hunter2@host/x', 'http://ada:hunter2@host:99999/x', 'http://ada:hunter2@[/x?token=hunter2'])(
    'repeats it nowhere where %s is refused',
    async (uri) => {
      const { files } = await aSession(connect)

      await expect(files.pull('b.iso', uri)).rejects.toSatisfy((error) => !JSON.stringify(error).includes('hunter2'))
    },
  )

  it('repeats none of an address that the source redirects to, and that is no URL', async () => {
    const { client, id, files } = await aSession(connect)

    await files.pull('a.iso', uriOf('/nowhere/ada:hunter2'))

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR' })
    expect(JSON.stringify(await client.get(id))).toContain('http://***@[')
  })
})
