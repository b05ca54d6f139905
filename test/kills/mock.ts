// A mock that is killed at the point that was chosen: its runtime, in which everything lives, dies at once.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { subscribe } from 'node:diagnostics_channel'
import { readWorker, runWorker } from '../support/miniflare.ts'
import { KILL_ME, type Choice, type Rows } from './point.ts'
import { KILLS } from './points.ts'

const spawned = new AsyncLocalStorage<(child: ChildProcess) => void>()
subscribe('child_process', (message) => spawned.getStore()?.((message as { process: ChildProcess }).process))

const VARS = {
  LOCAL_ADMIN: 'on',
  PULL_HOSTS: 'loopback',
  ORPHANS_SECONDS: '1',
  TRANSFER_LEASE_SECONDS: '3',
  PULL_RETRY_SECONDS: '0.1',
  PULL_STALL_SECONDS: '2',
}
export type Mock = Awaited<ReturnType<typeof startMock>>

/** What can be asked of the worker of the kills besides what the product answers. */
export function looksAt(ask: (path: string) => Promise<Response>) {
  const read = async <T>(path: string) => (await (await ask(`/__kills/${path}`)).json()) as T // as worker.ts answers
  return {
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
  const children: ChildProcess[] = []
  const kill = () => {
    for (const child of children) child.kill('SIGKILL')
  }
  const worker = await readWorker(KILLS, VARS)
  const miniflare = spawned.run(
    (child) => void children.push(child),
    () => runWorker(worker, (line) => (line.includes(KILL_ME) ? kill() : say(line)), stateDirectory),
  )
  const { port } = await miniflare.ready
  const url = `http://127.0.0.1:${port}`
  const isDead = Promise.all(children.map((child) => once(child, 'exit')))
  // All is asked of the worker. Miniflare's own bindings wait for it, and this process with them, where it stands still.
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init)
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return answer
  }
  return {
    url,
    isDead,
    choose: (choice?: Choice) => ask('/__kills/choose', { method: 'POST', body: JSON.stringify({ choice }) }),
    ...looksAt(ask),
    kill: async () => {
      kill()
      await isDead
      await miniflare.dispose()
    },
  }
}
