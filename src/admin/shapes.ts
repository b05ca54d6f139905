// What the admin API answers, in words that the console reads as well: types only.

export type SessionView = {
  id: string
  state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED'
  /** Completed by the client while pulls are under way, which the API shows as ACTIVE. */
  completing: boolean
  library_item_id: string
  /** Absent when the item has gone. */
  library_item_name?: string
  client_progress: number
  expiration_time: string
  error_message?: { default_message: string }
  files: FileView[]
  /** How many there are, where a list does not show all of them. */
  file_count?: number
}
export type FileView = {
  name: string
  source_type: 'NONE' | 'PUSH' | 'PULL'
  status: 'WAITING_FOR_TRANSFER' | 'TRANSFERRING' | 'READY' | 'ERROR'
  bytes_transferred: number
  size?: number
  error_message?: { default_message: string }
}

export type ClockView = { now: string; real: string; offset_seconds: number; frozen: boolean }

/** What the console shows. */
export type ConsoleView = {
  /** Another one after each change. */
  version: string
  clock: ClockView
  /** Absent where nothing has changed since the version that was asked about. */
  shown?: {
    sessions: SessionView[]
    /** The newest requests of the journal, as `GET /requests` has them, and how many there are. */
    requests: object[]
    total: number
    faults: object[]
    coverage: CoverageView
  }
}

export type CoverageView = {
  operations: {
    operation: string
    method: string
    path: string
    calls: number
    answers: { answer: string; documented: boolean; times: number }[]
  }[]
  error_types: string[]
  total: { operations: number; called: number; answers: number; answered: number }
}
