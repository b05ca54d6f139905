// Asking a source for its headers, on the way that a pull would take.
import type { DeploymentSettings } from '../rules/settings.ts'
import { follow } from './pull.ts'

type Seen = { status: number } | { why: string; isTimeout: boolean }

type Settings = Pick<DeploymentSettings, 'pullHosts' | 'pullStallMs'>

export async function look(uri: string, { pullHosts, pullStallMs }: Settings): Promise<Seen> {
  const signal = AbortSignal.timeout(pullStallMs)
  try {
    const response = await follow(uri, pullHosts, { method: 'HEAD', signal })
    if (response instanceof Response) return { status: response.status }
    return { why: response.why, isTimeout: signal.aborted }
  } catch (error) {
    return { why: error instanceof Error ? error.message : 'the connection failed', isTimeout: signal.aborted }
  }
}
