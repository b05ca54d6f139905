// The clock of the sandbox, to look at and to turn.
import { Card } from './card.tsx'
import { useMockNow, usePage } from './context.ts'
import { Form, written } from './form.tsx'
import { dateAndTime, span } from './format.ts'
import type { PageView } from './server.ts'

const STEPS = [
  ['+1 min', '1m'],
  ['+5 min', '5m'],
  ['+1 h', '1h'],
  ['+1 day', '1d'],
] as const

export function Clock({ view }: { view: PageView }) {
  const { server, attempt } = usePage()
  const now = useMockNow(view)
  const { frozen, offset_seconds: offset } = view.clock
  const turn = (title: string, path: string, body?: object) =>
    attempt(title, () => server.ask('POST', `/clock/${path}`, body))
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
          <button key={by} type="button" onClick={() => turn(`Clock ${name}`, 'advance', { by })}>
            {name}
          </button>
        ))}
        <button type="button" onClick={() => turn(frozen ? 'Resume' : 'Freeze', frozen ? 'resume' : 'freeze')}>
          {frozen ? 'Resume' : 'Freeze'}
        </button>
        <button type="button" disabled={!frozen && offset === 0} onClick={() => turn('Real time', 'reset')}>
          Real time
        </button>
      </div>
      <details>
        <summary>Set it to a time</summary>
        <Form
          class="row"
          onSend={(form) => turn('Set the clock', 'set', { now: new Date(`${written(form, 'at')}Z`).toISOString() })}
        >
          <label for="at">UTC</label>
          <input id="at" name="at" type="datetime-local" step="1" required />
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
