// What an update session lacks before it may complete, and what its OVF descriptor says must be there.
import { METADATA_NAME, SIGNATURE_NAME } from './expressions.ts'
import { fileNotReceived, manifestMismatch, type Failure, type Message } from './failure.ts'
import type { File } from './file.ts'

export type Findings = { missing: string[]; invalid: { name: string; reason: Message }[] }

/** A PUSH that the client has not sent yet: complete and validate are not allowed because of it (reference 1.1). */
export function whyNotReceived(files: File[]): Failure | undefined {
  const found = files.find(({ sourceType, status }) => sourceType === 'PUSH' && status !== 'READY')
  return found && fileNotReceived(found.name, found.status)
}

export const isUnderWay = (file: File): boolean =>
  file.sourceType === 'PULL' && ['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'VALIDATING'].includes(file.status)

/** As the OVF type adapter does for an item of type `ovf`: referenced files that are absent, digests that differ. */
export function inspect(itemType: string | undefined, files: File[]): Findings {
  const failed = files.flatMap((file) => (file.status === 'ERROR' ? [{ name: file.name, reason: file.reason }] : []))
  if (!isOvf(itemType)) return { missing: [], invalid: failed }
  const byName = new Map(files.map((file) => [file.name, file]))
  return {
    missing: [...new Set(files.flatMap(referencedNames))].filter((name) => !byName.has(name)),
    invalid: [...failed, ...files.flatMap((manifest) => contradicted(manifest, byName))],
  }
}

const descriptor = (file: File) => (file.status === 'READY' ? file.received.descriptor : undefined)
const referencedNames = (file: File): string[] => descriptor(file)?.references ?? []

/** The received files whose digest is not the one that this manifest gives. */
function contradicted(manifest: File, files: Map<string, File>): Findings['invalid'] {
  return (descriptor(manifest)?.manifest ?? []).flatMap(({ name, algorithm, checksum }) => {
    const file = files.get(name)
    const digest = file?.status === 'READY' ? file.received.digests[algorithm] : undefined
    return digest === undefined || digest === checksum.toLowerCase()
      ? []
      : [{ name, reason: manifestMismatch(name, manifest.name, algorithm, checksum, digest) }]
  })
}

export const isOvf = (itemType: string | undefined): boolean => itemType?.toLowerCase() === 'ovf'

/** The manifest and the certificate of an OVF serve the session only; they are no files of its item (reference 8.2). */
export const isKeptInStorage = (itemType: string | undefined, name: string): boolean =>
  !isOvf(itemType) || !SIGNATURE_NAME.test(name)

/** Whether there is a preview (reference 8.2): metadata files make one once they have arrived. */
export function previewState(files: File[]): 'UNAVAILABLE' | 'NOT_APPLICABLE' | 'PREPARING' | 'AVAILABLE' {
  const metadata = files.filter(({ name }) => METADATA_NAME.test(name))
  if (metadata.length === 0) return files.length === 0 ? 'UNAVAILABLE' : 'NOT_APPLICABLE'
  return metadata.every(({ status }) => status === 'READY') ? 'AVAILABLE' : 'PREPARING'
}
