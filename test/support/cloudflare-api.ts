// As much of Cloudflare's API as a first `wrangler deploy` asks for; it keeps what is uploaded.
import { listen } from './listen.ts'

type Binding = { name: string; type: string; text?: string }
/** What wrangler says of a Worker when it uploads it. */
export type Metadata = { bindings: Binding[]; compatibility_flags: string[]; observability: object }

type Options = { refuses?: boolean; onUpload?: () => void }
/** `refuses` makes the upload of the Worker fail. */
export async function startCloudflareApi({ refuses = false, onUpload = () => {} }: Options = {}) {
  const uploads: Metadata[] = []
  const { url: origin, stop } = await listen((request, response) => {
    const { method, url = '' } = request
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const answer = (result: object) => send(200, { success: true, errors: [], messages: [], result })
    const fail = (status: number, code: number) =>
      send(status, { success: false, errors: [{ code, message: 'no' }], messages: [], result: null })
    void request
      .setEncoding('latin1')
      .reduce((text: string, chunk: string) => text + chunk, '')
      .then((body) => {
        if (/\/services\/[\w-]+$/.test(url)) return fail(404, 10007) // no such Worker yet
        if (url.endsWith('/secrets')) return answer([])
        if (url.endsWith('/deployments')) return answer({ deployments: [] })
        if (url.endsWith('/assets-upload-session')) return answer({ jwt: 'a.b.c', buckets: [] })
        if (method !== 'PUT') return answer({ enabled: true, subdomain: 'team', bindings: [], buckets: [] })
        if (refuses) return fail(500, 10013)
        onUpload()
        uploads.push(metadataIn(body))
        return answer({ id: 'id', deployment_id: 'deployment', startup_time_ms: 1 })
      })
  })
  return { url: `${origin}/client/v4`, uploads, stop }
}

/** The part `metadata` of the form. */
function metadataIn(form: string): Metadata {
  const [, json = ''] = /name="metadata"\r\n(?:[^\r\n]+\r\n)*\r\n(.*)\r\n/.exec(form) ?? []
  return JSON.parse(json) as Metadata // wrangler's own
}
