// Files in every status, as the rules know them.
import type { Descriptor, Digests, File, FileFacts } from '../../src/rules/file.ts'

export const REASON = { id: 'x', default_message: 'the disk is full', args: [] }
const SHA1 = 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'
export const DIGESTS: Digests = { SHA1 }

const received = (descriptor?: Descriptor) => ({
  key: 'k',
  sizeBytes: 5,
  digests: DIGESTS,
  ...(descriptor && { descriptor }),
})

/** A file of this status, a PUSH named `a.iso` unless said otherwise. */
export function aFile(status: File['status'], facts: Partial<FileFacts> & { descriptor?: Descriptor } = {}): File {
  const { descriptor, ...given } = facts
  const file: FileFacts = { name: 'a.iso', sourceType: 'PUSH', uploadToken: 'u', ...given }
  switch (status) {
    case 'WAITING_FOR_TRANSFER':
      return { ...file, status }
    case 'TRANSFERRING':
      return { ...file, status, transferId: 't', bytesTransferred: 3 }
    case 'READY':
    case 'VALIDATING':
      return { ...file, status, received: received(descriptor) }
    case 'ERROR':
      return { ...file, status, bytesTransferred: 5, reason: REASON }
  }
}
