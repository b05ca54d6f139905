// What an update session lacks before it may complete, and what its OVF descriptor says must be there.
import { METADATA_NAME, SIGNATURE_NAME } from './expressions.ts'
import { fileNotReceived, manifestMismatch, type Failure } from './failure.ts'
import { broken, type File } from './file.ts'

/** A PUSH that the client has not sent yet: complete and validate are not allowed because of it (reference 1.1). */
export function whyNotReceived(files: File[]): Failure | undefined {
  const found = files.find(({ sourceType, status }) => sourceType === 'PUSH' && status !== 'READY')
  return found && fileNotReceived(found.name, found.status)
}

export const isUnderWay = (file: File): boolean =>
  file.sourceType === 'PULL' && ['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'VALIDATING'].includes(file.status)

/** As the OVF type adapter does for an item of type `ovf`: what a descriptor names, and is not there. */
export function missingFiles(itemType: string | undefined, files: File[]): string[] {
  if (!isOvf(itemType)) return []
  const names = new Set(files.map(({ name }) => name))
  return [...new Set(files.flatMap((file) => descriptor(file)?.references ?? []))].filter((name) => !names.has(name))
}

/** The first file that has failed, or whose digest is not the one that a manifest gives. */
export function brokenFile(itemType: string | undefined, files: File[]): ReturnType<typeof broken> | undefined {
  const failed = files.find((file) => file.status === 'ERROR')
  if (failed || !isOvf(itemType)) return failed
  const byName = new Map(files.map((file) => [file.name, file]))
  for (const manifest of files)
    for (const { name, algorithm, checksum } of descriptor(manifest)?.manifest ?? []) {
      const file = byName.get(name)
      const digest = file?.status === 'READY' ? file.received.digests[algorithm] : undefined
      if (file && digest !== undefined && digest !== checksum.toLowerCase())
        return broken(file, manifestMismatch(name, manifest.name, algorithm, checksum, digest))
    }
  return undefined
}

const descriptor = (file: File) => (file.status === 'READY' ? file.received.descriptor : undefined)

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
