// A request of the journal as something to paste: a command, or an interaction for a contract.
import type { RequestView } from '../admin/view-shapes.ts'
import { parsed } from './format.ts'

/** What a client's library adds by itself, or what means this connection only. */
const OWN_HEADERS =
  /^(host|connection|content-length|accept-encoding|cf-|x-forwarded|x-real-ip|sec-|origin|referer|user-agent|accept-language|priority)/

const sent = ({ request }: RequestView) =>
  Object.entries(request.headers).filter(([name]) => !OWN_HEADERS.test(name.toLowerCase()))

const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** Secrets are not in the journal: the login and the token are the shell's to know. A cookie counts where there is neither. */
export function asCurl(entry: RequestView, origin: string): string {
  const { method, url, body, headers: all } = entry.request
  const isGiven = (name: string) => name in all
  const hasToken = isGiven('vmware-api-session-id') || (isGiven('cookie') && !isGiven('authorization'))
  const headers = sent(entry).flatMap(([name, value]) =>
    value === '***' ? [] : [`-H ${shellQuoted(`${name}: ${value}`)}`],
  )
  return [
    // curl waits for the body of an answer to `-X HEAD`, and takes brackets for a pattern and "@" for a file.
    `curl -g ${method === 'HEAD' ? '-I' : `-X ${method}`} ${shellQuoted(origin + url)}`,
    ...(isGiven('authorization') ? [`-u ${shellQuoted(`${entry.user ?? 'user'}:secret`)}`] : []),
    ...(hasToken ? ['-H "vmware-api-session-id: $token"'] : []),
    ...headers,
    ...(body === '' ? [] : [`--data-raw ${shellQuoted(body)}`]),
  ].join(' \\\n  ')
}

/** Whether the journal has all that was sent: of an upload it has neither the address, which is a secret, nor the content. */
export const isWhole = ({ binding, request }: RequestView): boolean => binding !== 'upload' && !request.bodyTruncated

/** Whether its forms are those of HTTP: a contract over JSON-RPC or SOAP would say nothing. */
export const isContractual = ({ binding, operation }: RequestView): boolean =>
  operation !== undefined && ['api', 'rest'].includes(binding)

/** One interaction of a pact (specification 3), to be given a state and matchers by hand. */
export function asPact(entry: RequestView): object {
  const { method, url, headers, body } = entry.request
  const { pathname, searchParams } = new URL(url, 'http://mock')
  const query = Object.fromEntries(Array.from(searchParams.keys(), (name) => [name, searchParams.getAll(name)]))
  const { status, body: answer } = entry.response
  // What is undefined is not written.
  return {
    description: `${entry.operation ?? method} is answered with ${entry.why?.type ?? status}`,
    providerStates: [],
    request: {
      method,
      path: pathname,
      query: searchParams.size > 0 ? query : undefined,
      headers: {
        'vmware-api-session-id': headers['vmware-api-session-id'] && 'TOKEN',
        'content-type': headers['content-type'],
      },
      body: body === '' ? undefined : parsed(body),
    },
    response: {
      status,
      ...(answer !== '' && { headers: { 'content-type': 'application/json' }, body: parsed(answer) }),
    },
  }
}
