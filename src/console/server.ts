// The mock, as the page asks it: the admin API to look and to steer, the API of vCenter to act as a client would.
import { adminRequest, wrongIn } from '../client/admin.ts'
import { login, Refusal, type Client, type Fetch } from '../client/client.ts'
import type { ClockView, ConsoleView } from '../admin/view-shapes.ts'

/** Where the mock is, which a proxy may have put below a path: the page is in its folder `__admin`. */
export const MOCK_URL = new URL('..', document.baseURI).href.slice(0, -1)

/** Each browser has words of its own for it. */
export class NoAnswer extends Error {}
export const send: Fetch = (request) =>
  fetch(request).catch((error: unknown) => {
    throw error instanceof TypeError ? new NoAnswer(`No answer came (${error.message}).`, { cause: error }) : error
  })

/** What the page shows: the newest session first. `readAt` is when the clock showed that, on the page's own. */
export type PageView = NonNullable<ConsoleView['shown']> & { version: string; clock: ClockView; readAt: number }

export class Server {
  readonly sandbox: string
  readonly #token: string
  readonly #password: string
  #client: Client | undefined
  #view: PageView | undefined

  constructor({ sandbox, token, password }: { sandbox: string; token: string; password: string }) {
    this.sandbox = sandbox
    this.#token = token
    this.#password = password
  }

  async ask<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
    const init = { ...adminRequest(this.sandbox, this.#token, method, body), ...(signal && { signal }) }
    const response = await send(new Request(`${MOCK_URL}/__admin${path}`, init))
    if (response.ok) return (await response.json()) as T // as `view-shapes.ts` says
    const wrong = wrongIn(await response.text())
    throw new Refusal(response, { messages: wrong.map((text) => ({ id: '', default_message: text, args: [] })) })
  }

  /** Where nothing has changed since the last time, the mock sends no more than its clock. */
  async view(signal: AbortSignal): Promise<PageView> {
    const since = this.#view ? `?since=${encodeURIComponent(this.#view.version)}` : ''
    const { shown, ...head } = await this.ask<ConsoleView>('GET', `/view${since}`, undefined, signal)
    const rest = shown ? { ...shown, sessions: shown.sessions.toReversed() } : this.#view
    if (!rest) throw new Error('The mock sent no view.')
    this.#view = { ...rest, ...head, readAt: performance.now() }
    return this.#view
  }

  /** Acts as a client that is logged in; one whose login has ended, by the clock say, logs in anew. */
  async act<T>(run: (client: Client) => Promise<T>): Promise<T> {
    try {
      if (this.#client) return await run(this.#client)
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error
    }
    this.#client = await login(MOCK_URL, { user: this.sandbox, password: this.#password }, send)
    return run(this.#client)
  }
}
