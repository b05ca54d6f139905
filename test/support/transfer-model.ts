// What becomes of files, an item and its bytes, as small as it can be said: no bucket, no sandbox, and time in steps.
import type { UpdateFile } from './client.ts'

/** What an upload sends before it is ended, and in all; what the source sends. */
const BEGUN = 1
export const [SENT, PULLED] = [2, 21]
export const IDLE_MS = 300_000
const RETENTION_STEPS = 12

export type File = {
  name: string
  source: 'NONE' | 'PUSH' | 'PULL'
  status: UpdateFile['status']
  bytes: number
  size?: number
  /** The upload that may still fill it. */
  upload?: object
}
type State = 'none' | 'ACTIVE' | 'COMPLETING' | 'DONE' | 'ERROR' | 'CANCELED'

/** Each method answers with the type of its refusal, or with nothing. */
export class TransferModel {
  state: State = 'none'
  files = new Map<string, File>()
  readonly item = new Map<string, { size: number; version: number }>()
  contentVersion = 1
  #stepsAtRest = 0

  create(): string | undefined {
    if (this.isOpen) return 'RESOURCE_BUSY'
    this.state = 'ACTIVE'
    this.files = new Map(
      [...this.item].map(([name, { size }]) => [name, { name, source: 'NONE', status: 'READY', bytes: size }]),
    )
    return undefined
  }

  add(file: File): string | undefined {
    const refusal = this.#change()
    if (refusal === undefined) this.files.set(file.name, file)
    return refusal
  }

  remove(name: string): string | undefined {
    if (this.state !== 'none' && !this.files.has(name)) return 'INVALID_ARGUMENT'
    const refusal = this.#change()
    if (refusal === undefined) this.files.delete(name)
    return refusal
  }

  /** The file is the one that the upload's address was made for. */
  beginUpload(file: File, upload: object): string | undefined {
    if (this.state !== 'ACTIVE' || this.files.get(file.name) !== file) return 'NOT_FOUND'
    Object.assign(file, { status: 'TRANSFERRING', bytes: BEGUN, upload })
    return undefined
  }

  endUpload(file: File, upload: object, bytes = SENT): string | undefined {
    const isWanted = this.isOpen && this.files.get(file.name) === file && file.upload === upload
    if (!isWanted) return 'NOT_FOUND'
    return this.#receive(file, bytes) ? undefined : 'INVALID_ARGUMENT'
  }

  /** Its connection breaks: the file waits for another try. */
  breakUpload(file: File, upload: object): void {
    if (this.isOpen && this.files.get(file.name) === file && file.upload === upload)
      Object.assign(file, { status: 'WAITING_FOR_TRANSFER', bytes: 0, upload: undefined })
  }

  openSource(file: File): void {
    const isWanted = this.isOpen && this.files.get(file.name) === file && file.status === 'TRANSFERRING'
    if (!isWanted || !this.#receive(file, PULLED)) return
    if (this.state === 'COMPLETING' && !this.#isPulling) this.#publish()
  }

  complete(): string | undefined {
    const refusal = this.#change()
    if (refusal !== undefined) return refusal
    const isLacking = [...this.files.values()].some(({ source, status }) => source === 'PUSH' && status !== 'READY')
    if (isLacking) return 'NOT_ALLOWED_IN_CURRENT_STATE'
    if (this.#isPulling) this.state = 'COMPLETING'
    else this.#publish()
    return undefined
  }

  end(state: 'CANCELED' | 'ERROR'): string | undefined {
    if (this.state === 'none') return 'NOT_FOUND'
    if (!this.isOpen) return 'NOT_ALLOWED_IN_CURRENT_STATE'
    this.#close(state)
    return undefined
  }

  /** The idle time of an unfinished session. */
  pass(): void {
    this.#stepsAtRest += 1
    const isOver = this.isOpen || this.#stepsAtRest >= RETENTION_STEPS
    if (!isOver) return
    this.state = 'none'
    this.files = new Map()
  }

  /** Of how many files bytes are stored, in rows or in the bucket. */
  get stored(): number {
    const isSessions = ({ source, status }: File) => this.isOpen && source !== 'NONE' && status === 'READY'
    return this.item.size + [...this.files.values()].filter(isSessions).length
  }

  get isOpen(): boolean {
    return this.state === 'ACTIVE' || this.state === 'COMPLETING'
  }

  get isTransferring(): boolean {
    return this.isOpen && [...this.files.values()].some(({ status }) => status === 'TRANSFERRING')
  }

  get #isPulling(): boolean {
    return [...this.files.values()].some(({ source, status }) => source === 'PULL' && status === 'TRANSFERRING')
  }

  #change(): string | undefined {
    if (this.state === 'none') return 'NOT_FOUND'
    return this.state === 'ACTIVE' ? undefined : 'NOT_ALLOWED_IN_CURRENT_STATE'
  }

  #receive(file: File, bytes: number): boolean {
    const isRight = file.size === undefined || file.size === bytes
    Object.assign(file, { status: isRight ? 'READY' : 'ERROR', bytes, upload: undefined })
    if (!isRight) this.#close('ERROR')
    return isRight
  }

  #close(state: 'CANCELED' | 'ERROR' | 'DONE'): void {
    this.state = state
    this.#stepsAtRest = 0
    if (state === 'DONE') return
    for (const file of this.files.values())
      if (file.source !== 'NONE' && file.status !== 'ERROR')
        Object.assign(file, { status: 'WAITING_FOR_TRANSFER', bytes: 0, upload: undefined })
  }

  #publish(): void {
    this.#close('DONE')
    this.contentVersion += 1
    // In the order of the session's files.
    const before = new Map(this.item)
    this.item.clear()
    for (const { name, source, bytes } of this.files.values()) {
      const version = before.get(name)?.version ?? 0
      this.item.set(name, { size: bytes, version: version + (source === 'NONE' ? 0 : 1) })
    }
  }
}
