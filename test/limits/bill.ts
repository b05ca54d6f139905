/** What is billed, since the last look. */
export type Bill = {
  /** Of the Worker. */
  requests: number
  /** Of objects: calls and alarms. */
  objectRequests: number
  rowsRead: number
  rowsWritten: number
  /** How long objects were at work, each for itself, in milliseconds. */
  objectMs: number
  /** Of the bucket, by method. */
  bucket: Record<string, number>
  /** The most calls that one invocation made. */
  mostCalls: number
}
