// govc, command by command, and what its commands leave on the server: its exit code does not always say.
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { beforeEach, describe, expect, inject, it } from 'vitest'
import { newFolder, newUser, PASSWORD, pathOf, run, server, serving, type Ran, type User } from './harness.ts'
import { ITEM, LIBRARY as LIBRARY_ID, sessionIn, type State } from '../support/client.ts'
import { anIso, anOva, anOvf, DISK_BYTES, sha256 } from './packages.ts'

const { govc: installed } = inject('clients')
const LIBRARY = 'local-library'
const STATES = ['ACTIVE', 'DONE', 'ERROR', 'CANCELED'] as const

const done = { code: 0, stderr: '' }
const refused = (text: string) => ({ code: 1, stdout: '', stderr: expect.stringContaining(text) })

describe.skipIf('missing' in installed)('govc', () => {
  let user: User
  let home: string
  beforeEach(async () => {
    user = await newUser('govc')
    home = newFolder()
  })

  const govc = (...args: string[]): Promise<Ran> =>
    run(pathOf(installed), args, {
      GOVC_URL: server.url.replace('://', `://${user.name}:${PASSWORD}@`),
      GOVC_TLS_CA_CERTS: server.caFile,
      // For library.probe.
      GOVC_SHOW_UNRELEASED: 'true',
      HOME: home,
    })

  async function aSessionIn(state: State): Promise<string> {
    const item = await user.api.items.create({ library_id: LIBRARY_ID, name: `of ${state}` })
    return sessionIn(user.api.updateSessions, state, item)
  }
  const stateOf = (id: string) =>
    user.api.updateSessions.get(id).then(
      ({ state }) => state,
      ({ status }: { status: number }) => status,
    )

  describe('library.session.ls', () => {
    it('shows a session in every state, with its item', async () => {
      const ids = await Promise.all(STATES.map(aSessionIn))

      const { code, stdout } = await govc('library.session.ls')

      expect(code).toBe(0)
      for (const [index, state] of STATES.entries())
        expect(stdout).toMatch(
          new RegExp(`^${ids[index]} +/${LIBRARY}/of ${state} +Update +1 +0 +${state} +\\d{4}-`, 'm'),
        )
    })

    it('shows the files of a session as JSON', async () => {
      const id = await aSessionIn('ACTIVE')
      await user.api.updateSessionFiles.add(id, { name: 'disk.img', source_type: 'PUSH' })

      const { stdout } = await govc('library.session.ls', '-json', '-i')

      expect(JSON.parse(stdout)).toMatchObject({
        sessions: [{ id, state: 'ACTIVE' }],
        files: { [id]: [{ name: 'disk.img', source_type: 'PUSH', status: 'WAITING_FOR_TRANSFER' }] },
      })
    })
  })

  describe('library.session.rm', () => {
    it.each(['DONE', 'ERROR', 'CANCELED'] as const)('removes a session that is %s', async (state) => {
      const id = await aSessionIn(state)

      expect(await govc('library.session.rm', id)).toMatchObject(done)
      expect(await stateOf(id)).toBe(404)
    })

    it('may not remove one that is ACTIVE, and says why', async () => {
      const id = await aSessionIn('ACTIVE')

      expect(await govc('library.session.rm', id)).toEqual(refused('NOT_ALLOWED_IN_CURRENT_STATE'))
      expect(await stateOf(id)).toBe('ACTIVE')
    })

    it('takes a file out of an active session', async () => {
      const id = await aSessionIn('ACTIVE')
      await user.api.updateSessionFiles.add(id, { name: 'disk.img', source_type: 'PUSH' })
      expect(await govc('library.session.rm', '-i', id, 'disk.img')).toMatchObject(done)
      expect(await user.api.updateSessionFiles.list(id)).toEqual([])
    })
  })

  describe('library.session.rm -f', () => {
    it('cancels an ACTIVE session and removes it', async () => {
      const id = await aSessionIn('ACTIVE')

      expect(await govc('library.session.rm', '-f', id)).toMatchObject(done)
      expect(await stateOf(id)).toBe(404)
    })

    it.each(['DONE', 'ERROR', 'CANCELED'] as const)(
      'says that all is well of a session that is %s, and leaves it: its cancel was refused',
      async (state) => {
        const id = await aSessionIn(state)

        expect(await govc('library.session.rm', '-f', id)).toMatchObject(done)
        expect(await stateOf(id)).toBe(state)
      },
    )

    it('says that all is well of a session that never was', async () => {
      expect(await govc('library.session.rm', '-f', `${randomUUID()}:${randomUUID()}`)).toMatchObject(done)
    })
  })

  describe('on libraries and items', () => {
    it('lists and describes what every vCenter begins with', async () => {
      expect(await govc('library.ls')).toEqual({ ...done, stdout: `/${LIBRARY}\n` })
      expect(await govc('library.ls', `/${LIBRARY}/*`)).toEqual({ ...done, stdout: `/${LIBRARY}/item\n` })
      expect((await govc('library.info', `/${LIBRARY}/item`)).stdout).toMatch(new RegExp(`^ +ID: +${ITEM}$`, 'm'))
    })

    it('removes an item, and a library with all that is in it', async () => {
      expect(await govc('library.rm', `/${LIBRARY}/item`)).toMatchObject(done)
      await expect(user.api.items.get(ITEM)).rejects.toMatchObject({ status: 404 })

      expect(await govc('library.rm', `/${LIBRARY}`)).toMatchObject(done)
      expect(await user.api.libraries.list()).toEqual([])
    })

    it('renames an item, and describes a library', async () => {
      expect(await govc('library.update', '-n', 'renamed', `/${LIBRARY}/item`)).toMatchObject(done)
      expect(await user.api.items.get(ITEM)).toMatchObject({ name: 'renamed' })

      expect(await govc('library.update', '-d', 'changed', LIBRARY)).toMatchObject(done)
      expect(await user.api.libraries.get(LIBRARY_ID)).toMatchObject({ name: LIBRARY, description: 'changed' })
    })

    it('logs in and out', async () => {
      expect(await govc('session.login')).toMatchObject(done)
      expect(await govc('session.logout')).toMatchObject(done)
    })

    it.each([
      ['create', 'please specify a datacenter', 'another'],
      ['deploy', 'please specify a datacenter', `/${LIBRARY}/item`, 'vm'],
      ['clone', 'please specify a datacenter', '-vm', 'vm', LIBRARY],
      ['cp', '404 Not Found', `/${LIBRARY}/item`, LIBRARY],
      ['export', '404 Not Found', `/${LIBRARY}/item`],
      ['publish', '404 Not Found', LIBRARY],
      ['sync', '404 Not Found', LIBRARY],
      ['evict', '404 Not Found', LIBRARY],
    ])('has no library.%s: %s', async (command, why, ...operands) => {
      expect(await govc(`library.${command}`, ...operands)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(why),
      })
    })
  })

  describe('library.probe', () => {
    it('says whether there is something to pull', async () => {
      await serve(anIso(), {}, async (url) => {
        expect((await govc('library.probe', url)).stdout).toMatch(/^Status: +SUCCESS$/m)
      })
      expect((await govc('library.probe', 'ftp://source.test/boot.iso')).stdout).toMatch(/^Status: +INVALID_URL$/m)
    })
  })

  describe('library.import', () => {
    it.each([
      ['an ISO image', anIso, ['boot.iso']],
      ['an OVF package with its disk', anOvf, ['vm-disk1.vmdk', 'vm.ovf']],
      ['an OVA archive', anOva, ['appliance-disk1.vmdk', 'appliance.ovf']],
    ])('imports %s', async (_, make, files) => {
      const path = make()
      const item = basename(path).replace(/\.\w+$/, '')

      expect(await govc('library.import', LIBRARY, path)).toMatchObject({ code: 0 })

      const { stdout } = await govc('library.ls', `/${LIBRARY}/${item}/*`)
      expect(stdout.trim().split('\n').toSorted()).toEqual(files.map((file) => `/${LIBRARY}/${item}/${file}`))
      const [id = ''] = await user.api.updateSessions.list()
      expect(await stateOf(id)).toBe('DONE')
    })

    it('leaves its session in ERROR when the disk is not what the manifest says', async () => {
      const path = anOvf()
      writeFileSync(path.replace('.ovf', '-disk1.vmdk'), 'something else')

      expect((await govc('library.import', LIBRARY, path)).code).toBe(1)

      const [id = ''] = await user.api.updateSessions.list()
      expect(await stateOf(id)).toBe('ERROR')
    })

    describe('-pull', () => {
      it.each([
        ['says how long it is', { 'content-length': `${DISK_BYTES}` }],
        ['does not say how long it is', { 'transfer-encoding': 'chunked' }],
      ])('has the server fetch a file with the right checksum from a source that %s', async (_, headers) => {
        const path = anIso()

        await serve(path, headers, async (url) => {
          const pull = await govc('library.import', '-pull', '-c', sha256(path), '-a', 'SHA256', LIBRARY, url)
          expect(pull).toMatchObject({ code: 0 })
        })

        expect((await govc('library.ls', `/${LIBRARY}/boot/*`)).stdout).toBe(`/${LIBRARY}/boot/boot.iso\n`)
      })

      it('takes a file without a checksum, and of an OVF package the descriptor alone, which is refused for the rest', async () => {
        const iso = anIso()
        const ovf = anOvf()
        await serve(iso, {}, async (url) =>
          expect(await govc('library.import', '-pull', LIBRARY, url)).toMatchObject({ code: 0 }),
        )

        await serve(ovf, {}, async (url) =>
          expect(await govc('library.import', '-pull', LIBRARY, url.replace('boot.iso', basename(ovf)))).toEqual(
            refused('vm-disk1.vmdk'),
          ),
        )
      })

      it('says what is wrong with the checksum of another file', async () => {
        const path = anIso()

        await serve(path, {}, async (url) => {
          const pull = await govc('library.import', '-pull', '-c', 'f'.repeat(64), '-a', 'SHA256', LIBRARY, url)
          expect(pull).toEqual(refused('checksum'))
        })

        const [id = ''] = await user.api.updateSessions.list()
        expect(await stateOf(id)).toBe('ERROR')
      })
    })
  })
})

/** A source that has this file. */
const serve = (path: string, headers: Record<string, string>, work: (url: string) => Promise<void>) =>
  serving((_, response) => response.writeHead(200, headers).end(readFileSync(path)), work)
