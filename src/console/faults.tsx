// The faults of the sandbox: what is to go wrong, and how often it has.
import { useState } from 'preact/hooks'
import type { FaultView, SessionView } from '../admin/view-shapes.ts'
import { Card } from './card.tsx'
import { usePage } from './context.ts'
import { Action, Choices, Field, Form, Select, written } from './form.tsx'
import { shortName } from './format.ts'
import type { PageView } from './server.ts'

export function Faults({ view, session }: { view: PageView; session: SessionView | undefined }) {
  const { faults } = view
  return (
    <Card
      title="Faults"
      name="faults"
      aside={
        faults.length > 1 && (
          <Action title="Remove all faults" class="plain" run={(server) => server.ask('DELETE', '/faults')}>
            Remove all
          </Action>
        )
      }
    >
      {faults.length === 0 ? (
        <p class="quiet">Nothing is set to go wrong.</p>
      ) : (
        <ul class="rows">
          {faults.map((fault) => (
            <li key={fault.id} class="fault">
              <div>
                <strong>{effectOf(fault)}</strong> <span class="mono">{fault.operation}</span>
                <div class="quiet">
                  {whenOf(fault)} · applied {fault.applied}×
                </div>
              </div>
              <Action
                title="Remove the fault"
                aria-label={`Remove the fault ${fault.id}`}
                run={(server) => server.ask('DELETE', `/faults/${encodeURIComponent(fault.id)}`)}
              >
                Remove
              </Action>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>Add a fault</summary>
        <NewFault view={view} session={session} />
      </details>
    </Card>
  )
}

const EFFECTS = {
  error: 'Refuse with an error',
  status: 'Answer with a status',
  delay: 'Answer late',
  reset: 'Close without an answer',
  stall: 'Stall the answer',
  truncate: 'Break the answer off',
} as const
type Effect = keyof typeof EFFECTS
const breaksConnection = (kind: Effect) => kind === 'reset' || kind === 'stall' || kind === 'truncate'

function NewFault({ view, session }: { view: PageView; session: SessionView | undefined }) {
  const { server, attempt } = usePage()
  const [kind, setKind] = useState<Effect>('error')
  const add = async (form: HTMLFormElement) => {
    // Nothing where the field is empty, or not there for this kind.
    const text = (name: string) => written(form, name) || undefined
    const number = (name: string) => (text(name) === undefined ? undefined : Number(text(name)))
    const fault = {
      operation: text('operation'),
      error: text('error'),
      message: text('message'),
      status: number('status'),
      delay: text('delay'),
      connection: breaksConnection(kind) ? kind : undefined,
      when: text('when'),
      after_bytes: number('after_bytes'),
      times: number('times'),
      skip: number('skip'),
      probability: number('probability'),
      match: text('session') && session && { update_session_id: session.id },
    }
    await attempt('Add the fault', () => server.ask('POST', '/faults', fault))
  }
  const names = ['upload', 'download', ...view.coverage.operations.map(({ operation }) => shortName(operation))]
  return (
    <Form class="fields" onSend={add}>
      <Field
        label="Operation"
        class="field wide"
        name="operation"
        list="operations"
        placeholder="every one"
        spellcheck={false}
      />
      <datalist id="operations">
        <Choices of={names} />
      </datalist>
      <Select
        label="What happens"
        of={EFFECTS}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as Effect)}
      />
      {kind === 'error' && (
        <>
          <Select label="Error type" name="error" of={view.coverage.error_types} chosen="SERVICE_UNAVAILABLE" />
          <Field label="Message" class="field wide" name="message" placeholder="A fault was asked for." />
        </>
      )}
      {kind === 'status' && (
        <Field label="Status" name="status" type="number" min="400" max="599" defaultValue="503" required />
      )}
      {kind === 'delay' && (
        <Field label="How late" name="delay" defaultValue="2s" pattern="\d+(\.\d+)?(ms|s|m)" required />
      )}
      {breaksConnection(kind) && (
        <>
          <Select
            label="When"
            name="when"
            of={{ after: 'after the operation', before: 'before it, so that it is not carried out' }}
          />
          <Field
            label="After bytes"
            name="after_bytes"
            type="number"
            min="0"
            placeholder="of an upload, or of the answer"
          />
        </>
      )}
      <Field label="Times" name="times" type="number" min="1" placeholder="always" />
      <Field label="Spare first" name="skip" type="number" min="0" placeholder="none" />
      <Field label="Probability" name="probability" type="number" min="0" max="1" step="0.05" placeholder="1" />
      {session && (
        <label class="check wide">
          <input name="session" type="checkbox" /> Only for the selected session
        </label>
      )}
      <div class="wide">
        <button type="submit" class="primary">
          Add
        </button>
      </div>
    </Form>
  )
}

function effectOf({ error, status, delay, connection, when, after_bytes }: FaultView): string {
  const effects = [
    error,
    status === undefined ? undefined : `HTTP ${status}`,
    delay === undefined ? undefined : `${delay} s late`,
    connection === undefined || when !== 'before' ? connection : `${connection} before the operation`,
    after_bytes === undefined ? undefined : `after ${after_bytes} bytes`,
  ]
  return effects.filter((effect) => effect !== undefined).join(', ')
}

function whenOf({ times, skip, probability, match, applied }: FaultView): string {
  const parts = [
    times === undefined ? 'always' : `${Math.max(0, times - applied)} of ${times} left`,
    skip > 0 ? `after ${skip}` : undefined,
    probability < 1 ? `${Math.round(probability * 100)} % of the time` : undefined,
    match ? `where ${Object.keys(match).join(', ')} fits` : undefined,
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}
