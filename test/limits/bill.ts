/** What happens at a call: a deployment, or storage that breaks, resets the objects; an isolate is evicted. */
export type Event = 'deploys' | 'breaks storage' | 'evicts requests' | 'evicts objects'

/** What is billed, since the last look. */
export type Bill = {
  /** Of the Worker. */
  requests: number
  /** Of objects: calls and alarms. */
  objectRequests: number
  rowsRead: number
  rowsWritten: number
  /** How long objects were at work or waited for a timer, each for itself, in milliseconds. */
  objectMs: number
  /** How many are so now. */
  objectsAtWork: number
  /** Of services of the platform, `CONTENT.put` say. */
  calls: Record<string, number>
}
