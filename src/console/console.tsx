// The page as a whole.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Refusal } from '../client/client.ts'
import { Card } from './card.tsx'
import { Clock } from './clock.tsx'
import { CONNECTION_NAMES, explainError, PageContext, useKept, useView, type Notice, type Question } from './context.ts'
import { Coverage } from './coverage.tsx'
import { Missing } from './missing.tsx'
import { Faults } from './faults.tsx'
import { Field, Form, ignoreSecondClick, written } from './form.tsx'
import { Journal } from './journal.tsx'
import { NoAnswer, Server } from './server.ts'
import { Sessions } from './sessions.tsx'
import { States } from './states.tsx'

const DEFAULT_SANDBOX = 'user'
const TOKEN_KEY = 'admin-token'

/** A link may carry the token in its fragment, which is sent to no server: `#token=…`. The address bar must not show it. */
export function keepTokenOfAddress(): boolean {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (!token) return false
  sessionStorage.setItem(TOKEN_KEY, token)
  history.replaceState(undefined, '', location.pathname + location.search)
  return true
}

export function Console() {
  const [sandbox, setSandbox] = useSandbox()
  const [token, setToken] = useKept(TOKEN_KEY, '')
  const [password, setPassword] = useKept('password', 'secret')
  const server = useMemo(() => new Server({ sandbox, token, password }), [sandbox, token, password])
  const { view, connection, why, refresh } = useView(server)
  const [notice, setNotice] = useState<Notice>()
  const [asked, setAsked] = useState<{ question: Question; answer: (text: string | undefined) => void }>()
  const [selected, setSelected] = useState<string>()
  useEffect(() => setSelected(undefined), [sandbox])
  // Before any button hears of it.
  useEffect(() => addEventListener('click', ignoreSecondClick, true), [])

  const question = useCallback(
    (question: Question) => new Promise<string | undefined>((answer) => setAsked({ question, answer })),
    [],
  )
  const attempt = useCallback(
    async (title: string, run: () => Promise<unknown>) => {
      try {
        await run()
        setNotice({ title, text: 'done', hasFailed: false })
        return true
      } catch (error) {
        setNotice({ title, text: explainError(error), hasFailed: true })
        if (error instanceof Refusal && error.status === 401) {
          const given = await question({
            title: `Log in as ${server.sandbox}`,
            text: 'This mock lets only its configured users in. The password stays in this tab.',
            confirm: 'Use it',
            field: { label: 'Password', type: 'password', autocomplete: 'off' },
          })
          if (given !== undefined) setPassword(given)
        }
        if (!(error instanceof Refusal || error instanceof NoAnswer)) throw error
        return false
      } finally {
        refresh()
      }
    },
    [server, question, setPassword, refresh],
  )
  const page = useMemo(() => ({ server, attempt, question }), [server, attempt, question])
  const session = view?.sessions.find(({ id }) => id === selected)

  return (
    <PageContext.Provider value={page}>
      <a class="skip" href="#main">
        Skip to the sessions
      </a>
      <Header sandbox={sandbox} onSandbox={setSandbox} connection={connection} />
      <main id="main" tabIndex={-1}>
        {connection === 'refused' && <p class="why">{why}</p>}
        {connection === 'closed' ? (
          <Locked why={why} onToken={setToken} />
        ) : view ? (
          <>
            <Sessions view={view} selected={selected} onSelect={setSelected} />
            <div class="side">
              <Clock view={view} />
              <Journal view={view} />
              <Faults view={view} session={session} />
            </div>
            <States session={session} />
            <Coverage coverage={view.coverage} />
            <Missing requests={view.requests} />
          </>
        ) : (
          connection !== 'refused' && <p class="quiet">Looking at {sandbox}…</p>
        )}
      </main>
      <NoticeBar notice={notice} onClose={() => setNotice(undefined)} />
      {asked && (
        <QuestionDialog
          question={asked.question}
          onAnswer={(text) => {
            setAsked(undefined)
            asked.answer(text)
          }}
        />
      )}
    </PageContext.Provider>
  )
}

const sandboxOfAddress = () => new URLSearchParams(location.search).get('sandbox') || DEFAULT_SANDBOX

/** In the address, so that it can be shared and kept. */
function useSandbox(): [string, (name: string) => void] {
  const [sandbox, set] = useState(sandboxOfAddress)
  useEffect(() => {
    const onBack = () => set(sandboxOfAddress())
    addEventListener('popstate', onBack)
    return () => removeEventListener('popstate', onBack)
  }, [])
  const go = useCallback((name: string) => {
    history.pushState(undefined, '', `?sandbox=${encodeURIComponent(name)}`)
    set(name)
  }, [])
  return [sandbox, go]
}

type HeaderProps = { sandbox: string; onSandbox: (name: string) => void; connection: keyof typeof CONNECTION_NAMES }

function Header({ sandbox, onSandbox, connection }: HeaderProps) {
  useEffect(() => {
    document.title = `${sandbox} · update-session-mock`
  }, [sandbox])
  return (
    <header>
      <h1>
        <img src="console/icon.svg" alt="" width="26" height="26" />
        update-session-mock
      </h1>
      <Form class="sandbox" onSend={(form) => onSandbox(written(form, 'sandbox') || sandbox)}>
        <label for="sandbox">Sandbox</label>
        <input id="sandbox" name="sandbox" key={sandbox} defaultValue={sandbox} maxLength={256} spellcheck={false} />
        <button type="submit">Open</button>
      </Form>
      <p class={`connection ${connection}`} role="status">
        {CONNECTION_NAMES[connection]}
      </p>
      <nav aria-label="Elsewhere">
        <a href="../docs/">API reference</a>
      </nav>
    </header>
  )
}

function Locked({ why, onToken }: { why: string; onToken: (token: string) => void }) {
  return (
    <Card title="Locked" name="locked">
      <p>{why}</p>
      <Form class="row" onSend={(form) => onToken(written(form, 'token'))}>
        <label for="token">Admin token</label>
        <input id="token" name="token" type="password" autocomplete="off" required />
        <button class="primary" type="submit">
          Unlock
        </button>
      </Form>
      <p class="quiet">It stays in this tab.</p>
    </Card>
  )
}

function NoticeBar({ notice, onClose }: { notice: Notice | undefined; onClose: () => void }) {
  return (
    <div class="said" role="status">
      {notice && (
        <div class={notice.hasFailed ? 'notice failed' : 'notice'}>
          <p>
            <strong>{notice.title}</strong> {notice.hasFailed ? `failed: ${notice.text}` : notice.text}
          </p>
          <button type="button" class="plain" onClick={onClose} aria-label="Close the message">
            ✕
          </button>
        </div>
      )}
    </div>
  )
}

function QuestionDialog({ question, onAnswer }: { question: Question; onAnswer: (text: string | undefined) => void }) {
  const { title, text, confirm, field } = question
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const close = (answer: string | undefined) => {
    // Gives the focus back to the button that has asked; a dialog that is only taken out of the page does not.
    dialog.current?.close()
    onAnswer(answer)
  }
  return (
    <dialog ref={dialog} aria-labelledby="question" onCancel={() => close(undefined)}>
      <Form onSend={(form) => close(form.querySelector('input')?.value ?? '')}>
        <h2 id="question">{title}</h2>
        <p>{text}</p>
        {field && <Field {...field} />}
        <div class="row end">
          <button type="button" onClick={() => close(undefined)}>
            Leave it
          </button>
          <button type="submit" class="primary">
            {confirm}
          </button>
        </div>
      </Form>
    </dialog>
  )
}
