// Waiting for what takes its time.
const POLL_MS = 100
export const pause = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms))

/** What it answers at last; nothing where the time is over before. */
export async function until<T>(patienceMs: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const began = performance.now()
  while (performance.now() - began < patienceMs) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await pause(POLL_MS)
  }
  return undefined
}
