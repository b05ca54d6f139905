// A mock that is killed at the point that was chosen: its runtime, in which everything lives, dies at once.
import { readWorker, runWorker } from '../support/miniflare.ts'
import { KILL_ME, type Choice, type Rows } from './point.ts'
import { KILLS } from './points.ts'

const VARS = {
  LOCAL_ADMIN: 'on',
  PULL_HOSTS: 'loopback',
  ORPHANS_SECONDS: '1',
  TRANSFER_LEASE_SECONDS: '3',
  PULL_RETRY_SECONDS: '0.1',
  PULL_STALL_SECONDS: '2',
}
export type Mock = Awaited<ReturnType<typeof startMock>>

/** What can be asked of the worker of the kills at this address besides what the product answers. */
export function looksAt(url: string) {
  // All is asked of the worker. Miniflare's own bindings wait for it, and this process with them, where it stands still.
  const ask = async (path: string, body?: object) => {
    const answer = await fetch(`${url}${path}`, body && { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer
  }
  const read = async <T>(path: string) => (await (await ask(`/__kills/${path}`)).json()) as T // as worker.ts answers
  return {
    ask,
    /** The points that were passed since the last choice, and how many alarms and reports are under way. */
    look: () => read<{ passed: string[]; underWay: number }>('passed'),
    rows: (sandbox: string) => read<Rows>(`rows?sandbox=${sandbox}`),
    age: (sandbox: string) => ask(`/__kills/age?sandbox=${sandbox}`),
    /** The keys in the bucket. */
    stored: (sandbox: string) => read<string[]>(`stored?sandbox=${sandbox}`),
    /** The keys of its markers in the bucket. */
    markers: (sandbox: string) => read<string[]>(`markers?sandbox=${sandbox}`),
    /** Puts what no row knows. */
    leaveOrphan: (sandbox: string) => ask(`/__kills/orphan?sandbox=${sandbox}`),
  }
}

/** Starts on what an earlier one left in the directory. */
export async function startMock(stateDirectory: string, say: (line: string) => void = () => undefined) {
  const worker = await readWorker(KILLS, VARS)
  const hear = (line: string) => (line.includes(KILL_ME) ? running.kill() : say(line))
  const running = await runWorker(worker, hear, stateDirectory)
  const { url } = running
  const looks = looksAt(url)
  return {
    url,
    isDead: running.ended,
    choose: (choice?: Choice) => looks.ask('/__kills/choose', { choice }),
    ...looks,
    kill: async () => {
      running.kill()
      await running.stop()
    },
  }
}
