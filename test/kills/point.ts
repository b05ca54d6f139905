// What a point does when the worker passes it: nothing, unless it is the chosen one.

/** `kill` stops here until the process is killed; `throw` fails as a broken platform would; `twice` repeats what objects were told. */
export type Action = 'kill' | 'throw' | 'twice'
export type Side = 'before' | 'after'
export type Choice = { at: number; side: Side; action: Action }

/**
 * The keys of content that a sandbox knows, those of them that are rows, those that files of its items have, and that of its marker;
 * and whether the total of bytes that it keeps is that of its files.
 */
export type Rows = { content: string[]; inRows: string[]; published: string[]; markers: string[]; isHeldRight: boolean }

/** What is written where the runner is to kill. */
export const KILL_ME = 'kill me at this point'

/** The points that were passed since the last choice, as `3 before`. */
export const passed = new Set<string>()
let chosen: Choice | undefined
let repeat = (): void => undefined

export function choose(choice: Choice | undefined): void {
  passed.clear()
  chosen = choice
}

export const repeatWith = (how: () => void): void => void (repeat = how)

function pass(at: number, side: Side): void {
  passed.add(`${at} ${side}`)
  if (chosen?.at !== at || chosen.side !== side) return
  const { action } = chosen
  chosen = undefined
  switch (action) {
    case 'kill':
      console.log(KILL_ME)
      // Nothing else may happen: what is not written by now never is.
      for (;;);
    case 'throw':
      throw new Error(`The platform broke ${side} point ${at}.`)
    case 'twice':
      return repeat()
  }
}

export const pointBefore = (at: number): void => pass(at, 'before')

export function pointAfter<T>(at: number, value: T): T {
  pass(at, 'after')
  return value
}

/** Of `for await`: each step is waited for, the one too that says that there is no other. */
export async function* pointEach<T>(at: number, steps: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const step of steps) {
    yield pointAfter(at, step)
    pointBefore(at)
  }
  pass(at, 'after')
}

export const pointLater = async <T>(at: number, promise: Promise<T>): Promise<T> => pointAfter(at, await promise)
