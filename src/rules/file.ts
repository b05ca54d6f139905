// One file of an update session and the transfer of its bytes: its states, its events, and the table of both.
import { CONTROL_CHARACTERS, DOTS, HEX } from './expressions.ts'
import * as failures from './failure.ts'
import { fail, ok, type Failure, type Message, type Result } from './failure.ts'

export const ALGORITHMS = ['SHA1', 'MD5', 'SHA256', 'SHA512'] as const
export type Algorithm = (typeof ALGORITHMS)[number]
/** Lower-case hexadecimal, by algorithm. */
export type Digests = Partial<Record<Algorithm, string>>
export type Checksum = { algorithm: Algorithm; checksum: string }
/** Where a PULL fetches from; the fields are the API's TransferEndpoint. */
export type Source = {
  uri: string
  ssl_certificate_thumbprint?: string | undefined
  ssl_certificate?: string | undefined
}
/** What has arrived: `key` names it in the store of bytes. */
export type Received = {
  key: string
  sizeBytes: number
  digests: Digests
  /** It was counted and hashed, and not kept: there is nothing to download. */
  isDiscarded?: true
  /** The CRC-32 of what lies in parts: a download of all of it is held against this. */
  crc32?: number
  /** Which of the digests is shown, where that is not SHA1: the one of which the client gave a checksum. */
  shown?: Algorithm
  descriptor?: Descriptor
}
/** What an OVF package says of its own files, read from its descriptor or its manifest. */
export type Descriptor = {
  references?: string[]
  manifest?: { name: string; algorithm: Algorithm; checksum: string }[]
}

export type FileFacts = {
  name: string
  sourceType: 'NONE' | 'PUSH' | 'PULL'
  /** What the client said to expect; not verified where it said nothing. */
  sizeBytes?: number | undefined
  checksum?: Checksum | undefined
  source?: Source | undefined
  /** The token of the upload endpoint, for a PUSH. */
  uploadToken?: string | undefined
  /** How many transfers of a PULL have failed. */
  failures?: number | undefined
}
export type File = FileFacts &
  /** Where a transfer has failed: why, and from when on a PULL may try again, in real time. */
  (
    | { status: 'WAITING_FOR_TRANSFER'; reason?: Message; retryAt?: number }
    | { status: 'TRANSFERRING'; transferId: string; bytesTransferred: number }
    | { status: 'READY'; received: Received }
    /** Only where a test says so: digests are computed as the bytes pass. */
    | { status: 'VALIDATING'; received: Received }
    | { status: 'ERROR'; bytesTransferred: number; reason: Message }
  )

export type FileEvent =
  | { type: 'begin'; transferId: string }
  | { type: 'progress'; transferId: string; bytesTransferred: number }
  | { type: 'receive'; transferId: string; received: Received }
  /** The connection broke, or the store: another try may follow. */
  | { type: 'interrupt'; transferId: string; reason?: Message; retryAt?: number }
  /** It can never succeed: a source that will not answer. */
  | { type: 'abandon'; transferId: string; reason: Message }

type FileEventOf<T extends FileEvent['type']> = Extract<FileEvent, { type: T }>
type InState<S extends File['status']> = Extract<File, { status: S }>
type FileRow<S extends File['status']> = {
  [T in FileEvent['type']]?: (file: InState<S>, event: FileEventOf<T>) => File
}

const beginTransfer = (file: FileFacts, { transferId }: FileEventOf<'begin'>): File => ({
  ...facts(file),
  status: 'TRANSFERRING',
  transferId,
  bytesTransferred: 0,
})

/** It can never be what it is to be. */
export const broken = (file: File, reason: Message, bytes = bytesTransferred(file)): InState<'ERROR'> => ({
  ...facts(file),
  status: 'ERROR',
  bytesTransferred: bytes,
  reason,
})

/** So many transfers of a PULL may fail before its file has. */
const ATTEMPTS_LIMIT = 5

/** A row per status, a cell per event it accepts. A new transfer replaces the one before it, finished or not. */
const transfers: { [S in File['status']]: FileRow<S> } = {
  WAITING_FOR_TRANSFER: { begin: beginTransfer },
  TRANSFERRING: {
    begin: beginTransfer,
    progress: (file, { bytesTransferred }) => ({ ...file, bytesTransferred }),
    receive: (file, { received }) => {
      const reason = mismatchOf(file, received)
      if (reason) return broken(file, reason, received.sizeBytes)
      const shown = file.checksum && { shown: file.checksum.algorithm }
      return { ...facts(file), status: 'READY', received: { ...received, ...shown } }
    },
    interrupt: (file, { reason, retryAt }) => {
      const failures = (file.failures ?? 0) + 1
      const waiting = { ...facts(file), status: 'WAITING_FOR_TRANSFER' } as const
      if (file.sourceType !== 'PULL' || !reason) return { ...waiting, ...(reason && { reason }) }
      if (failures >= ATTEMPTS_LIMIT) return broken(file, reason)
      return { ...waiting, failures, reason, ...(retryAt !== undefined && { retryAt }) }
    },
    abandon: (file, { reason }) => broken(file, reason),
  },
  READY: { begin: beginTransfer },
  VALIDATING: { begin: beginTransfer },
  ERROR: {},
}

/** What becomes of the file, or why a transfer that was replaced meanwhile has to end. */
export function transfer(file: File, event: FileEvent): Result<File> {
  const isCurrent = event.type === 'begin' || (file.status === 'TRANSFERRING' && file.transferId === event.transferId)
  // The one cast: TypeScript cannot see that the row fits the file and the cell the event.
  const cell = transfers[file.status][event.type] as ((file: File, event: FileEvent) => File) | undefined
  return isCurrent && cell ? ok(cell(file, event)) : fail(failures.fileReplaced(file.name))
}

/** What a test makes of a file: it fails, whatever it is; one that has arrived is validated for a while. */
export function markFile(file: File, status: 'READY' | 'VALIDATING' | 'ERROR', reason: Message): Result<File> {
  if (status === 'ERROR') return ok(broken(file, reason))
  const hasArrived = file.status === 'READY' || file.status === 'VALIDATING'
  return hasArrived && file.sourceType !== 'NONE'
    ? ok({ ...facts(file), status, received: file.received })
    : fail(failures.fileNotReceived(file.name, file.status))
}

/** The first thing that is wrong with what arrived, by what the client said to expect. */
function mismatchOf({ name, sizeBytes, checksum }: FileFacts, received: Received): Message | undefined {
  if (sizeBytes !== undefined && sizeBytes !== received.sizeBytes)
    return failures.sizeMismatch(name, sizeBytes, received.sizeBytes)
  const digest = checksum && received.digests[checksum.algorithm]
  if (checksum && digest !== checksum.checksum.toLowerCase())
    return failures.checksumMismatch(name, checksum.algorithm, checksum.checksum, digest ?? '')
  return undefined
}

/** The checksum of what has arrived: the same in the session and in the item. */
export function checksumOf({ digests, shown = 'SHA1' }: Received): Checksum | undefined {
  const checksum = digests[shown]
  return checksum === undefined ? undefined : { algorithm: shown, checksum }
}

/** What is left of a file when its session has ended without it: the bytes are gone, or about to be. */
export const dropped = (file: File): File =>
  file.sourceType === 'NONE' || file.status === 'ERROR' ? file : { ...facts(file), status: 'WAITING_FOR_TRANSFER' }

/** The key of the content that a file has, or is getting. */
export function contentKeyOf(file: File): string | undefined {
  if ('received' in file) return file.received.key
  return file.status === 'TRANSFERRING' ? file.transferId : undefined
}

export function bytesTransferred(file: File): number {
  if ('received' in file) return file.received.sizeBytes
  return file.status === 'WAITING_FOR_TRANSFER' ? 0 : file.bytesTransferred
}

const DIGEST_DIGITS: Record<Algorithm, number> = { SHA1: 40, MD5: 32, SHA256: 64, SHA512: 128 }
/** Whether a digest can be one of its algorithm: hexadecimal, and of its length. */
export const isDigest = ({ algorithm, checksum }: Checksum): boolean =>
  checksum.length === DIGEST_DIGITS[algorithm] && HEX.test(checksum)

const facts = ({ name, sourceType, sizeBytes, checksum, source, uploadToken, failures }: FileFacts): FileFacts => ({
  name,
  sourceType,
  sizeBytes,
  checksum,
  source,
  uploadToken,
  failures,
})

/** Why a file may not have this name: names are file names, and what a path or a terminal would read otherwise is none (ours). */
export function wrongFileName(name: string): Failure | undefined {
  if (name === '') return failures.fileNameInvalid(name, 'it is empty')
  if (DOTS.test(name) || name.includes('/') || name.includes('\\'))
    return failures.fileNameInvalid(name, 'it is a path')
  return name.search(CONTROL_CHARACTERS) === -1
    ? undefined
    : failures.fileNameInvalid(name, 'it has a control character')
}
