import { describe, expect, it } from 'vitest'
import type { File } from '../../src/rules/file.ts'
import { previewState } from '../../src/rules/validation.ts'

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
