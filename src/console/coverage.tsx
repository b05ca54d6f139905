// How much of the contract the requests in the journal have met.
import { useState } from 'preact/hooks'
import type { CoverageView } from '../admin/view-shapes.ts'
import { Card } from './card.tsx'
import { shortName } from './format.ts'

const SERVICE = 'update_session'

export function Coverage({ coverage }: { coverage: CoverageView }) {
  const [isWhole, setWhole] = useState(false)
  const { operations, total } = coverage
  const shown = operations.filter(
    ({ operation, calls }) => isWhole || calls > 0 || shortName(operation).startsWith(SERVICE),
  )
  return (
    <Card
      title="Contract"
      name="coverage"
      aside={
        <p class="quiet">
          {total.called} of {total.operations} operations, {total.answered} of {total.answers} documented answers
        </p>
      }
    >
      <p class="quiet">
        What the requests in the journal have met of what the specification documents. A client that is ready has seen
        the answers it must cope with.
      </p>
      <ul class="operations">
        {shown.map(({ operation, calls, answers }) => (
          <li key={operation}>
            <span class="mono" title={operation}>
              {shortName(operation)}
            </span>
            <span class="quiet number">{calls === 1 ? '1 call' : `${calls} calls`}</span>
            <ul class="answers">
              {answers.map(({ answer, documented, times }) => (
                <li key={answer} class={times > 0 ? 'met' : ''}>
                  {answer}
                  {times > 0 ? <span> {times}×</span> : <span class="hidden"> not met yet</span>}
                  {!documented && <span> (not documented)</span>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => setWhole(!isWhole)}>
        {isWhole ? 'Only update sessions and what was called' : `All ${operations.length} operations`}
      </button>
    </Card>
  )
}
