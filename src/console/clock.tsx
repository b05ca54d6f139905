// The clock of the sandbox, to look at and to turn.
import { Card } from './card.tsx'
import { useMockNow, usePage } from './context.ts'
import { Action, Form, written } from './form.tsx'
import { dateAndTime, span } from './format.ts'
import type { PageView, Server } from './server.ts'

const STEPS = [
  ['+1 min', '1m'],
  ['+5 min', '5m'],
  ['+1 h', '1h'],
  ['+1 day', '1d'],
] as const
/** The clock shows no other years. */
const [FIRST, LAST] = ['1970-01-01T00:00:00', '9998-12-31T23:59:59']

const turn = (path: string, body?: object) => (server: Server) => server.ask('POST', `/clock/${path}`, body)

export function Clock({ view }: { view: PageView }) {
  const { server, attempt } = usePage()
  const now = useMockNow(view)
  const { frozen, offset_seconds: offset } = view.clock
  const set = (form: HTMLFormElement) =>
    attempt('Set the clock', () => turn('set', { now: new Date(`${written(form, 'at')}Z`).toISOString() })(server))
  return (
    <Card
      title="Clock"
      name="clock"
      aside={<p class="quiet">{frozen ? 'stands still' : offsetOf(Math.round(offset))}</p>}
    >
      <div class="face">
        <time class="now" dateTime={new Date(now).toISOString()}>
          {dateAndTime(now)}
        </time>
        <span class="quiet">UTC</span>
      </div>
      <div class="row" role="group" aria-label="Turn the clock">
        {STEPS.map(([name, by]) => (
          <Action key={by} title={`Clock ${name}`} repeats run={turn('advance', { by })}>
            {name}
          </Action>
        ))}
        <Action title={frozen ? 'Resume' : 'Freeze'} run={turn(frozen ? 'resume' : 'freeze')}>
          {frozen ? 'Resume' : 'Freeze'}
        </Action>
        <Action title="Real time" disabled={!frozen && offset === 0} run={turn('reset')}>
          Real time
        </Action>
      </div>
      <details>
        <summary>Set it to a time</summary>
        <Form class="row" onSend={set}>
          <label for="at">UTC</label>
          <input id="at" name="at" type="datetime-local" step="1" min={FIRST} max={LAST} required />
          <button type="submit">Set</button>
        </Form>
      </details>
    </Card>
  )
}

function offsetOf(seconds: number): string {
  if (seconds === 0) return 'real time'
  return seconds > 0 ? `${span(seconds * 1000)} ahead` : `${span(-seconds * 1000)} behind`
}
