// What happens in a sandbox, as it happens: server-sent events.
import { Refused, route } from './route.ts'

type Told = { type: 'beat' } | { type: 'change' }

export const events = [
  route({
    method: 'GET',
    path: '/events',
    summary: 'Server-sent events: `request` with an entry of the journal, `change` when it is worth looking again.',
    run: async ({ sandbox }) => {
      const lines = await sandbox.watch()
      if (!lines) throw new Refused(429, 'Too many watch this sandbox already.')
      return new Response(lines.pipeThrough(rendered()), {
        headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
      })
    },
  }),
]

/** Lines of JSON to events. */
function rendered(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) controller.enqueue(encoder.encode(render(JSON.parse(line) as Told))) // of Feed
    },
  })
}

function render(told: Told): string {
  switch (told.type) {
    case 'beat':
      return ': still here\n\n'
    case 'change':
      return 'event: change\ndata: {}\n\n'
  }
}
