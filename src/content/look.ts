// Asking a source for its headers, on the way that a pull would take.
import { follow } from './pull.ts'

type Seen = { status: number } | { why: string; isTimeout: boolean }

export async function look(uri: string, { PULL_HOSTS, PULL_STALL_SECONDS }: Env): Promise<Seen> {
  const signal = AbortSignal.timeout(Number(PULL_STALL_SECONDS) * 1000)
  try {
    const response = await follow(uri, PULL_HOSTS, { method: 'HEAD', signal }, async () => true)
    if (response instanceof Response) return { status: response.status }
    return { why: 'why' in response ? response.why : 'nobody waits for the answer', isTimeout: false }
  } catch (error) {
    return { why: error instanceof Error ? error.message : 'the connection failed', isTimeout: signal.aborted }
  }
}
