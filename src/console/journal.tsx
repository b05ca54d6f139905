// The journal: what was asked and what became of it, as it happens.
import { Fragment } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Card } from './card.tsx'
import { usePage } from './context.ts'
import { asCurl, asPact, isContractual, isWhole } from './copy.ts'
import { Action, Choices } from './form.tsx'
import { pretty, shortName, time } from './format.ts'
import type { RequestView } from '../admin/view-shapes.ts'
import { MOCK_URL, type PageView } from './server.ts'

const KINDS = { all: 'All', refused: 'Refused', fault: 'Met a fault', unmatched: 'No operation' }
type Kind = keyof typeof KINDS

export function Journal({ view }: { view: PageView }) {
  const [text, setText] = useState('')
  const [kind, setKind] = useState<Kind>('all')
  const [held, setHeld] = useState<RequestView[]>()
  const [open, setOpen] = useState<string>()
  const requests = held ?? view.requests
  const shown = useMemo(() => requests.filter((entry) => matchesFilter(entry, text, kind)), [requests, text, kind])
  return (
    <Card
      title="Journal"
      name="journal"
      aside={
        <div class="row">
          <button type="button" class="plain" onClick={() => setHeld(held ? undefined : view.requests)}>
            {held ? 'Go on' : 'Pause'}
          </button>
          <Action title="Clear the journal" class="plain" run={(server) => server.ask('DELETE', '/requests')}>
            Clear
          </Action>
        </div>
      }
    >
      <div class="row filter" role="search">
        <input
          type="search"
          aria-label="Filter the journal"
          placeholder="Filter"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setText('')}
        />
        <select
          aria-label="Kind of request"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as Kind)}
        >
          <Choices of={KINDS} />
        </select>
      </div>
      {shown.length === 0 ? (
        <p class="quiet">{requests.length === 0 ? 'No requests yet.' : 'No request fits the filter.'}</p>
      ) : (
        <ol class="rows journal" aria-label="Requests, newest first">
          {shown.map((entry) => (
            <RequestRow
              key={entry.id}
              entry={entry}
              isOpen={open === entry.id}
              onToggle={() => setOpen(open === entry.id ? undefined : entry.id)}
            />
          ))}
        </ol>
      )}
      {requests.length > 0 && (
        <p class="quiet">
          {shown.length} of {held ? `${requests.length}, paused` : view.total}
          {!held && view.total > requests.length && ` (looked through the newest ${requests.length})`}
        </p>
      )}
    </Card>
  )
}

function matchesFilter(entry: RequestView, text: string, kind: Kind): boolean {
  const { request, operation = '', response, why } = entry
  const isKind =
    kind === 'all' ||
    (kind === 'refused' && isRefused(entry)) ||
    (kind === 'fault' && entry.fault !== undefined) ||
    (kind === 'unmatched' && !entry.wasMatched)
  const all = [request.method, request.url, operation, response.status, why?.type, why?.by, request.body]
  return isKind && text.split(/\s+/).every((word) => all.join(' ').toLowerCase().includes(word.toLowerCase()))
}

/** JSON-RPC refuses with the status 200. */
const isRefused = ({ response, why }: RequestView) => response.status >= 400 || why !== undefined

function RequestRow({ entry, isOpen, onToggle }: { entry: RequestView; isOpen: boolean; onToggle: () => void }) {
  const { id, request, operation, response, durationMs, fault } = entry
  const name = operation === undefined ? request.url : shortName(operation)
  return (
    <li>
      <button type="button" class="line" aria-expanded={isOpen} aria-controls={`request-${id}`} onClick={onToggle}>
        <time dateTime={new Date(request.loggedDate).toISOString()}>{time(request.loggedDate)}</time>
        <span class="method">{request.method}</span>
        <span class="name">{name}</span>
        {fault !== undefined ? (
          <span class="mark">fault</span>
        ) : (
          isRefused(entry) && response.status < 400 && <span class="mark">refused</span>
        )}
        <span class={`status s${Math.floor(response.status / 100)}`}>{response.status}</span>
        <span class="duration">{durationMs} ms</span>
      </button>
      <div id={`request-${id}`} hidden={!isOpen}>
        {isOpen && <RequestDetails entry={entry} />}
      </div>
    </li>
  )
}

function RequestDetails({ entry }: { entry: RequestView }) {
  const { request, response, why, fault, notice } = entry
  return (
    <div class="details">
      {notice !== undefined && <p class="why">{notice}</p>}
      {why && (
        <p class="why">
          Refused by {why.by}
          {fault !== undefined && why.by === 'fault' ? ` ${fault}` : ''}
          {why.type === undefined ? '.' : `: ${why.type}.`}
          {why.messages.map(({ id, default_message }) => (
            <span key={id}> {default_message}</span>
          ))}
        </p>
      )}
      <dl>
        {Object.entries(factsOf(entry)).map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd class="mono">{value}</dd>
          </Fragment>
        ))}
      </dl>
      <Block name="Headers" text={headers(request.headers)} />
      <Block
        name={request.bodyTruncated ? 'Body, as far as the journal keeps it' : 'Body'}
        text={pretty(request.body)}
      />
      <Block name={`Answer ${response.status}`} text={headers(response.headers)} />
      <Block name="Its body" text={pretty(response.body)} />
      {isWhole(entry) && (
        <div class="row">
          <Copy name="Copy as curl" text={() => asCurl(entry, MOCK_URL)} />
          {isContractual(entry) && (
            <Copy name="Copy as Pact interaction" text={() => JSON.stringify(asPact(entry), null, 2)} />
          )}
        </div>
      )}
    </div>
  )
}

const factsOf = ({ request, operation, user, fault, connection }: RequestView) => ({
  Request: `${request.method} ${request.url}`,
  ...(operation !== undefined && { Operation: operation }),
  ...(user !== undefined && { User: user }),
  ...(fault !== undefined && { Fault: connection === undefined ? fault : `${fault}: ${connection}` }),
})

const headers = (all: Record<string, string>) =>
  Object.entries(all)
    .map((header) => header.join(': '))
    .join('\n')

function Block({ name, text }: { name: string; text: string }) {
  if (text === '') return null
  return (
    <figure>
      <figcaption>{name}</figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}

function Copy({ name, text }: { name: string; text: () => string }) {
  const [isCopied, setCopied] = useState(false)
  const { attempt } = usePage()
  useEffect(() => {
    if (!isCopied) return undefined
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button
      type="button"
      onClick={async () => setCopied(await attempt(name, () => navigator.clipboard.writeText(text())))}
    >
      {isCopied ? 'Copied' : name}
    </button>
  )
}
