// What every part of the page may use: the server, and a place to say what became of an action.
import { createContext, type ComponentProps } from 'preact'
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks'
import { Refusal } from '../client/client.ts'
import type { Server, PageView } from './server.ts'

export type Notice = { title: string; text: string; hasFailed: boolean }
export type Question = {
  title: string
  text: string
  confirm: string
  field?: { label: string } & ComponentProps<'input'>
}

type Page = {
  server: Server
  /** Runs it, and says what became of it. Answers whether it was done. */
  attempt: (title: string, run: () => Promise<unknown>) => Promise<boolean>
  /** Asks the person; nothing is the answer when they would rather not. */
  question: (question: Question) => Promise<string | undefined>
}
export const PageContext = createContext<Page | undefined>(undefined)

export function usePage(): Page {
  const page = useContext(PageContext)
  if (!page) throw new Error('A part of the page stands outside of it.')
  return page
}

/** In the server's own words. */
export function explainError(error: unknown): string {
  if (error instanceof Refusal) {
    const said = error.messages.map(({ default_message }) => default_message).join(' ')
    return `${error.status} ${error.errorType ?? ''} ${said}`.replaceAll(/\s+/g, ' ').trim()
  }
  return error instanceof Error ? error.message : String(error)
}

export const CONNECTION_NAMES = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'No connection',
  closed: 'Locked',
  refused: 'Refused',
}
const POLL_MS = 1000

/** The sandbox as it is now, asked for once a second while the page is visible; and a function that asks at once. */
export function useView(server: Server) {
  const [view, setView] = useState<PageView>()
  const [connection, setConnection] = useState<keyof typeof CONNECTION_NAMES>('connecting')
  const [why, setWhy] = useState('')
  const endPause = useRef<() => void>(() => undefined)
  const refresh = useCallback(() => endPause.current(), [])

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    // One question at a time, however long its answer takes.
    const poll = async () => {
      while (!signal.aborted) {
        if (document.hidden) await untilShown(signal)
        try {
          const next = await server.view(signal)
          if (signal.aborted) return
          setView(next)
          setConnection('live')
        } catch (error) {
          if (signal.aborted) return
          const isClosed = error instanceof Refusal && error.status === 403
          setConnection(isClosed ? 'closed' : error instanceof Refusal ? 'refused' : 'lost')
          setWhy(explainError(error))
          if (isClosed) return
        }
        await new Promise<void>((resolve) => {
          endPause.current = resolve
          setTimeout(resolve, POLL_MS)
        })
      }
    }
    // The form that asks for a token stays until an answer comes: a person may be writing the next one into it.
    setConnection((now) => (now === 'closed' ? now : 'connecting'))
    void poll()
    return () => {
      stop.abort()
      // Of another sandbox nothing may stay on the page.
      setView(undefined)
    }
  }, [server])
  return { view, connection, why, refresh }
}

const untilShown = (signal: AbortSignal) =>
  new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true, signal }))

/** Epoch milliseconds on the sandbox's clock, every second anew. */
export function useMockNow({ clock, readAt }: Pick<PageView, 'clock' | 'readAt'>): number {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  return Date.parse(clock.now) + (clock.frozen ? 0 : performance.now() - readAt)
}

/** Kept by the browser for this tab. */
export function useKept(key: string, first: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => sessionStorage.getItem(key) ?? first)
  const set = useRef((next: string) => {
    sessionStorage.setItem(key, next)
    setValue(next)
  })
  return [value, set.current]
}
