// What clients asked for and the mock does not have.
import type { RequestView } from '../admin/view-shapes.ts'
import { Card } from './card.tsx'

export function Missing({ requests }: { requests: RequestView[] }) {
  const asked = Map.groupBy(
    // What could not be read has asked for nothing.
    requests.filter(({ operation, why }) => operation === undefined && why?.by !== 'reading'),
    askedFor,
  )
  if (asked.size === 0) return null
  return (
    <Card title="Asked for, not there" name="missing">
      <p class="quiet">Requests of the journal that meant no operation of this mock.</p>
      <ul class="rows">
        {[...asked].map(([name, times]) => (
          <li key={name}>
            <span class="mono">{name}</span>
            <span class="quiet number">{times.length}×</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** Over JSON-RPC and SOAP every request has the same path: there the refusal says what was meant. */
function askedFor({ binding, request, why }: RequestView): string {
  const [message] = why?.messages ?? []
  return ['json-rpc', 'soap'].includes(binding) && message
    ? message.default_message
    : `${request.method} ${request.url.split('?', 1)[0]}`
}
