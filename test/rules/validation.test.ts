import { describe, expect, it } from 'vitest'
import { brokenFile, isKeptInStorage, isUnderWay, missingFiles, previewState } from '../../src/rules/validation.ts'
import { aFile, DIGESTS, REASON } from '../support/a-file.ts'

describe('a validation', () => {
  const descriptor = aFile('READY', { name: 'vm.ovf', descriptor: { references: ['a.vmdk', 'b.vmdk', 'a.vmdk'] } })
  const checksum = 'b'.repeat(40)
  const manifest = (name: string, given = checksum) =>
    aFile('READY', { name: 'vm.mf', descriptor: { manifest: [{ name, algorithm: 'SHA1', checksum: given }] } })
  const disk = aFile('READY', { name: 'a.vmdk' })

  it.each([
    ['ovf', ['a.vmdk', 'b.vmdk']],
    ['OVF', ['a.vmdk', 'b.vmdk']],
    ['iso', []],
    [undefined, []],
  ])('of an item of type %s misses %j', (itemType, missing) => {
    expect(missingFiles(itemType, [descriptor])).toEqual(missing)
  })

  it('misses no file that is there, whether or not it has arrived', () => {
    const files = [descriptor, disk, aFile('WAITING_FOR_TRANSFER', { name: 'b.vmdk' })]

    expect(missingFiles('ovf', files)).toEqual([])
  })

  it.each([undefined, 'ovf'])('of an item of type %s finds what has failed', (itemType) => {
    expect(brokenFile(itemType, [disk, aFile('ERROR')])).toMatchObject({ name: 'a.iso', reason: REASON })
  })

  it.each([
    ['another digest', manifest('a.vmdk'), disk, ['a.vmdk', 'vm.mf', 'SHA1', checksum, DIGESTS.SHA1]],
    ['the same digest', manifest('a.vmdk', DIGESTS.SHA1), disk, undefined],
    ['the same digest in capitals', manifest('a.vmdk', DIGESTS.SHA1?.toUpperCase()), disk, undefined],
    ['the digest of another file', manifest('b.vmdk'), disk, undefined],
    ['a digest of what has not arrived', manifest('a.vmdk'), aFile('TRANSFERRING', { name: 'a.vmdk' }), undefined],
  ])('with a manifest that gives %s', (_, given, file, args) => {
    const found = brokenFile('ovf', [given, file])

    const wrong = { name: 'a.vmdk', status: 'ERROR', bytesTransferred: 5, reason: { args } }
    expect([found]).toMatchObject([args && wrong])
    expect(brokenFile('iso', [given, file])).toBeUndefined()
  })
})

it.each([
  ['PULL', 'WAITING_FOR_TRANSFER', true],
  ['PULL', 'TRANSFERRING', true],
  ['PULL', 'READY', false],
  ['PULL', 'ERROR', false],
  ['PUSH', 'TRANSFERRING', false],
  ['NONE', 'READY', false],
] as const)('a completion waits for a %s in status %s: %s', (sourceType, status, underWay) => {
  expect(isUnderWay(aFile(status, { sourceType }))).toBe(underWay)
})

it('a manifest of many lines for many files is looked through in no time', () => {
  const files = Array.from({ length: 5000 }, (_, index) => aFile('READY', { name: `disk-${index}.vmdk` }))
  const manifest = Array.from(
    { length: 100_000 },
    () => ({ name: 'disk.vmdk', algorithm: 'SHA1', checksum: 'b' }) as const,
  )
  const startedAt = performance.now()

  brokenFile('ovf', [...files, aFile('READY', { name: 'vm.mf', descriptor: { manifest } })])

  // Some milliseconds, where each line does not look through all files.
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

const waiting = (name: string) => aFile('WAITING_FOR_TRANSFER', { name })
const ready = (name: string) => aFile('READY', { name })

it.each([
  ['no files', [], 'UNAVAILABLE'],
  ['an image that has arrived', [ready('boot.iso')], 'NOT_APPLICABLE'],
  ['a descriptor that has not arrived', [waiting('vm.ovf')], 'PREPARING'],
  ['a descriptor that has arrived, and a disk that has not', [ready('vm.ovf'), waiting('disk.vmdk')], 'AVAILABLE'],
  ['a manifest that has not arrived', [ready('vm.ovf'), waiting('vm.mf')], 'PREPARING'],
  ['an archive that has not arrived', [waiting('vm.ova')], 'PREPARING'],
  ['an archive that has arrived, for which Ansible reads the warnings', [ready('VM.OVA')], 'AVAILABLE'],
])('the preview of a session with %s', (_, files, state) => {
  expect(previewState(files)).toBe(state)
})

it.each([
  ['ovf', 'vm.mf', false],
  ['OVF', 'vm.cert', false],
  ['ovf', 'vm.ovf', true],
  ['ovf', 'disk.vmdk', true],
  ['iso', 'vm.mf', true],
  [undefined, 'vm.mf', true],
])('of an item of type %s, the file %s is kept: %s', (itemType, name, kept) => {
  expect(isKeptInStorage(itemType, name)).toBe(kept)
})
