// What every part of the page may use: the server, and a place to say what became of an action.
import { createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { Refusal } from '../client/client.ts'
import type { ClockView } from '../admin/shapes.ts'
import { Closed, Server, type View } from './server.ts'

export type Outcome = { title: string; text: string; isRefused: boolean }
export type Question = {
  title: string
  text: string
  confirm: string
  field?: { label: string; value?: string; isSecret?: boolean }
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
export function describe(error: unknown): string {
  if (error instanceof Refusal) {
    const said = error.messages.map(({ default_message }) => default_message).join(' ')
    return `${error.status} ${error.errorType ?? ''} ${said}`.replaceAll(/\s+/g, ' ').trim()
  }
  return error instanceof Error ? error.message : String(error)
}

export type Connection = 'connecting' | 'live' | 'lost' | 'closed'
const RETRY_MS = 2000
/** However much happens, the page asks no more often. */
const PAUSE_MS = 400

/** The sandbox as it is now. A page that nobody looks at does not listen. */
export function useView(server: Server): { view: View | undefined; connection: Connection; why: string } {
  const [view, setView] = useState<View>()
  const [connection, setConnection] = useState<Connection>('connecting')
  const [why, setWhy] = useState('')
  const isShown = useShown()

  useEffect(() => {
    if (!isShown) return undefined
    const stop = new AbortController()
    const { signal } = stop
    let isStale = false
    let isReading = false
    const read = async () => {
      isStale = true
      if (isReading) return
      isReading = true
      try {
        while (isStale && !signal.aborted) {
          isStale = false
          const next = await server.view()
          if (!signal.aborted) setView(next)
          await pause(PAUSE_MS)
        }
      } catch {
        // The stream breaks as well where the server is gone, and says so.
      }
      isReading = false
    }
    const listen = async () => {
      while (!signal.aborted) {
        try {
          await server.listen(() => {
            setConnection('live')
            void read()
          }, signal)
        } catch (error) {
          if (signal.aborted) return
          if (error instanceof Closed && error.status === 403) {
            setConnection('closed')
            setWhy(error.message)
            return
          }
        }
        if (signal.aborted) return
        setConnection('lost')
        await pause(RETRY_MS)
      }
    }
    setConnection('connecting')
    void listen()
    return () => stop.abort()
  }, [server, isShown])

  // Of another sandbox nothing may stay on the page.
  useEffect(() => () => setView(undefined), [server])
  return { view, connection, why }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function useShown(): boolean {
  const [isShown, setShown] = useState(!document.hidden)
  useEffect(() => {
    const look = () => setShown(!document.hidden)
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return isShown
}

/** Epoch milliseconds on the sandbox's clock, every second anew. */
export function useMockNow({ clock, readAt }: Pick<View, 'clock' | 'readAt'>): number {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  return nowOn(clock, readAt)
}

export const nowOn = (clock: ClockView, readAt: number): number =>
  Date.parse(clock.now) + (clock.frozen ? 0 : performance.now() - readAt)

/** Kept by the browser, for this machine or for this tab. */
export function useKept(storage: Storage, key: string, first: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => storage.getItem(key) ?? first)
  const set = useRef((next: string) => {
    storage.setItem(key, next)
    setValue(next)
  })
  return [value, set.current]
}
