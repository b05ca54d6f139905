import { describe, expect, it } from 'vitest'
import type { File } from '../../src/rules/file.ts'
import { isKeptInStorage, isMetadata, isSignature, previewState } from '../../src/rules/validation.ts'

const waiting = (name: string): File => ({ name, sourceType: 'PUSH', status: 'WAITING_FOR_TRANSFER' })
const ready = (name: string): File => ({
  name,
  sourceType: 'PUSH',
  status: 'READY',
  received: { key: 'k', sizeBytes: 1, digests: {} },
})

describe('the preview of a session', () => {
  it.each([
    ['no files', [], 'NOT_APPLICABLE'],
    ['an image that has arrived', [ready('boot.iso')], 'NOT_APPLICABLE'],
    ['a descriptor that has not arrived', [waiting('vm.ovf')], 'PREPARING'],
    ['a descriptor that has arrived, and a disk that has not', [ready('vm.ovf'), waiting('disk.vmdk')], 'AVAILABLE'],
    ['a manifest that has not arrived', [ready('vm.ovf'), waiting('vm.mf')], 'PREPARING'],
    ['an archive that has not arrived', [waiting('vm.ova')], 'PREPARING'],
    ['an archive that has arrived, for which Ansible reads the warnings', [ready('VM.OVA')], 'AVAILABLE'],
  ])('with %s', (_, files, state) => {
    expect(previewState(files)).toBe(state)
  })
})

describe('a file by its name', () => {
  it.each([
    ['vm.ovf', true, false],
    ['VM.MF', true, true],
    ['vm.cert', true, true],
    ['vm.ova', false, false],
    ['vm.mf.gz', false, false],
    ['disk.vmdk', false, false],
  ])('%s is metadata: %s, a signature: %s', (name, metadata, signature) => {
    expect([isMetadata(name), isSignature(name)]).toEqual([metadata, signature])
  })

  it.each([
    ['ovf', 'vm.mf', false],
    ['OVF', 'vm.cert', false],
    ['ovf', 'vm.ovf', true],
    ['ovf', 'disk.vmdk', true],
    ['iso', 'vm.mf', true],
    [undefined, 'vm.mf', true],
  ])('of an item of type %s, %s is kept: %s', (itemType, name, kept) => {
    expect(isKeptInStorage(itemType, name)).toBe(kept)
  })
})
