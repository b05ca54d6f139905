// The update sessions: what they hold, how long they live, and what a client could do with them.
import { useState } from 'preact/hooks'
import type { FileView, SessionView } from '../admin/view-shapes.ts'
import { Refusal, type Client } from '../client/client.ts'
import { Card } from './card.tsx'
import { useMockNow, usePage, type Question } from './context.ts'
import { Action, Field, Form, written } from './form.tsx'
import { dateAndTime, parsed, size, span } from './format.ts'
import { send, type PageView, type Server } from './server.ts'

type Props = { view: PageView; selected: string | undefined; onSelect: (id: string | undefined) => void }

export function Sessions({ view, selected, onSelect }: Props) {
  const { sessions, sessionCount } = view
  const { sandbox } = usePage().server
  const create = async ({ libraries, items, updateSessions }: Client) => {
    const storage_backings = [{ type: 'DATASTORE' as const, datastore_id: 'datastore-1' }]
    const [library = await libraries.create({ name: 'local-library', storage_backings })] = await libraries.list()
    const busy = sessions.filter(({ state }) => state === 'ACTIVE').map(({ library_item_id: id }) => id)
    // Where not all sessions are shown, any item may have one.
    const known = sessionCount === sessions.length ? await items.list(library) : []
    const item =
      known.find((id) => !busy.includes(id)) ??
      (await items.create({ library_id: library, name: `item-${Date.now().toString(36)}` }))
    onSelect(await updateSessions.create({ library_item_id: item }))
  }
  return (
    <Card
      title="Update sessions"
      name="sessions"
      aside={
        <div class="row">
          <Action
            title="Reset"
            class="plain"
            asks={{
              title: `Reset ${sandbox}?`,
              text: 'Its logins, libraries, sessions, files, faults and journal go, and its clock shows the real time.',
              confirm: 'Reset it',
            }}
            run={(server) => server.ask('POST', '/reset')}
          >
            Reset sandbox
          </Action>
          <Action title="New session" class="primary" run={(server) => server.act(create)}>
            New session
          </Action>
        </div>
      }
    >
      {sessions.length === 0 ? (
        <p class="quiet empty">
          <bdi>{sandbox}</bdi> has no update sessions. A client that logs in as this user makes them; so does New
          session.
        </p>
      ) : (
        <ul class="rows">
          {sessions.map((session) => (
            <SessionItem
              key={session.id}
              session={session}
              view={view}
              isOpen={selected === session.id}
              onToggle={() => onSelect(selected === session.id ? undefined : session.id)}
            />
          ))}
        </ul>
      )}
      {sessionCount > sessions.length && (
        <p class="quiet">
          The newest {sessions.length} of {sessionCount}
        </p>
      )}
    </Card>
  )
}

type RowProps = { session: SessionView; view: PageView; isOpen: boolean; onToggle: () => void }

function SessionItem({ session, view, isOpen, onToggle }: RowProps) {
  const { id, state, completing, client_progress: progress, expiration_time: end } = session
  const now = useMockNow(view)
  return (
    <li class={isOpen ? 'session open' : 'session'}>
      <button type="button" class="line" aria-expanded={isOpen} aria-controls={`session-${id}`} onClick={onToggle}>
        <span class={`state ${state.toLowerCase()}`}>{completing ? 'COMPLETING' : state}</span>
        <span class="item">
          <span class="name">{session.library_item_name ?? session.library_item_id}</span>
          <span class="mono quiet id">{id}</span>
        </span>
        <span class="facts">
          <span>{fileSummary(session)}</span>
          <span>{progress} %</span>
          <time dateTime={end} title={`${dateAndTime(end)} UTC`}>
            gone in {span(Date.parse(end) - now)}
          </time>
        </span>
      </button>
      <div id={`session-${id}`} hidden={!isOpen}>
        {isOpen && <SessionDetails session={session} />}
      </div>
    </li>
  )
}

function fileSummary({ files, file_count: count }: SessionView): string {
  // Of a session with more files than the view has room for, it does not say how many are ready.
  if (count !== undefined) return `${count} files`
  const ready = files.filter(({ status }) => status === 'READY').length
  if (files.length === 0) return 'no files'
  return `${ready} of ${files.length} ${files.length === 1 ? 'file' : 'files'} ready`
}

type ClientAction = { asks?: Question; run: (client: Client, answer: string) => Promise<unknown> }
const clientActions = (id: string): Record<string, ClientAction> => ({
  Complete: { run: ({ updateSessions }) => updateSessions.complete(id) },
  Cancel: { run: ({ updateSessions }) => updateSessions.cancel(id) },
  Fail: {
    asks: {
      title: 'Fail the session',
      text: 'As a client does that cannot go on.',
      confirm: 'Fail it',
      field: { label: 'Message', defaultValue: 'The client gave up.' },
    },
    run: ({ updateSessions }, message) => updateSessions.fail(id, message),
  },
  'Keep alive': { run: ({ updateSessions }) => updateSessions.keepAlive(id) },
  Validate: { run: ({ updateSessionFiles }) => updateSessionFiles.validate(id) },
  Delete: { run: ({ updateSessions }) => updateSessions.delete(id) },
})

function SessionDetails({ session }: { session: SessionView }) {
  const { id, state, files, client_progress: progress } = session
  const expire = (server: Server) => server.ask('DELETE', `/sessions/${encodeURIComponent(id)}`)
  return (
    <div class="details">
      {session.error_message !== undefined && <p class="why">{session.error_message.default_message}</p>}
      <div class="row" role="group" aria-label="What a client could do">
        {Object.entries(clientActions(id)).map(([name, { asks, run }]) => (
          <Action
            key={name}
            title={name}
            asks={asks}
            run={(server, answer) => server.act((client) => run(client, answer))}
          >
            {asks ? `${name}…` : name}
          </Action>
        ))}
        <Action title="Let it expire" class="plain" run={expire}>
          Let it expire
        </Action>
      </div>
      <div class="meter">
        <span>Client progress</span>
        <progress value={progress} max={100} aria-label="Client progress" />
        <span class="number">{progress} %</span>
      </div>
      {files.length > 0 && (
        <ul class="files" aria-label="Files">
          {files.map((file) => (
            <FileItem key={file.name} session={id} file={file} />
          ))}
        </ul>
      )}
      {state === 'ACTIVE' && <NewFile session={id} />}
    </div>
  )
}

function FileItem({ session, file }: { session: string; file: FileView }) {
  const { name, status, source_type: source, bytes_transferred: bytes, size: expected } = file
  const whole = status === 'READY' ? Math.max(bytes, 1) : expected
  return (
    <li>
      <span class="name">{name}</span>
      <span class={`status ${status.toLowerCase()}`}>
        {source.toLowerCase()}, {status.toLowerCase().replaceAll('_', ' ')}
      </span>
      <progress
        aria-label={`Bytes of ${name}`}
        max={whole ?? 1}
        {...(status === 'TRANSFERRING' && expected === undefined ? {} : { value: status === 'READY' ? whole : bytes })}
      />
      <span class="number">
        {size(bytes)}
        {expected !== undefined && status !== 'READY' && ` of ${size(expected)}`}
      </span>
      <Action
        title={`Remove ${name}`}
        aria-label={`Remove ${name}`}
        run={(server) => server.act((client) => client.updateSessionFiles.remove(session, name))}
      >
        Remove
      </Action>
      {file.error_message !== undefined && <p class="why">{file.error_message.default_message}</p>}
    </li>
  )
}

function NewFile({ session }: { session: string }) {
  const { server, attempt } = usePage()
  const [content, setContent] = useState<File>()
  const add = async (form: HTMLFormElement) => {
    const name = written(form, 'name') || content?.name || ''
    const isDone = await attempt(content ? `Upload ${name}` : `Add ${name}`, () =>
      server.act(async ({ updateSessionFiles }) => {
        const { upload_endpoint: endpoint } = await updateSessionFiles.add(session, {
          name,
          source_type: 'PUSH',
          ...(content && { size: content.size }),
        })
        if (content && endpoint) await sendContent(endpoint.uri, content)
      }),
    )
    if (!isDone) return
    form.reset()
    setContent(undefined)
  }
  return (
    <Form class="row new-file" onSend={add}>
      <Field
        label="File name"
        name="name"
        placeholder={content?.name ?? 'disk.vmdk'}
        required={content === undefined}
      />
      <Field label="Content" type="file" onChange={(event) => setContent(event.currentTarget.files?.[0])} />
      <button type="submit">{content ? 'Upload' : 'Add, without content'}</button>
    </Form>
  )
}

async function sendContent(uri: string, content: Blob): Promise<void> {
  const answer = await send(new Request(uri, { method: 'PUT', body: content }))
  const text = await answer.text()
  if (!answer.ok) throw new Refusal(answer, parsed(text) as object)
}
