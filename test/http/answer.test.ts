// An answer whose request has not been read to its end, and whose client may go at any moment.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/app.ts'
import { untilRead } from '../../src/http/answer.ts'
import { admin } from '../support/admin.ts'
import { aSession, unheard } from '../support/bytes.ts'
import { ITEM, LIBRARY } from '../support/client.ts'
import { upload } from '../support/files.ts'
import { request } from '../support/http.ts'

/** What is done when the answer has been given. */
function afterwards() {
  const promises: Promise<unknown>[] = []
  const context = Object.assign(createExecutionContext(), {
    waitUntil: (promise: Promise<unknown>) => void promises.push(promise),
  })
  return { context, done: () => Promise.all(promises) }
}

function sending() {
  const { readable, writable } = new IdentityTransformStream()
  const request = new Request('https://vcenter.test/', { method: 'PUT', body: readable })
  return { request, writer: writable.getWriter() }
}

/** Where the bytes of a file are sent, which a fault refuses by an answer that breaks off. */
async function refusedUpload(): Promise<string> {
  const { client, files } = await aSession()
  const fault = { operation: 'upload', error: 'SERVICE_UNAVAILABLE', connection: 'truncate' }
  await admin(client.user, 'POST', '/faults', fault)
  return new URL((await files.push('a.iso')).upload_endpoint?.uri ?? '').pathname
}

describe('an answer', () => {
  it('is there but for its last byte while its client still sends', async () => {
    const { request, writer } = sending()
    const { context, done } = afterwards()
    const answer = await untilRead(request, new Response('hello', { status: 404 }), context)
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()

    expect(answer.status).toBe(404)
    expect(await reader?.read()).toEqual({ done: false, value: 'hell' })
    let isLate = true
    const last = reader?.read().then((step) => [isLate, step.value])
    await writer.write(new Uint8Array(3))
    isLate = false
    await writer.close()

    expect(await last).toEqual([false, 'o'])
    await done()
  })

  it('without a body comes when its client has sent all', async () => {
    const { request, writer } = sending()
    const { context } = afterwards()
    let isLate = true
    const untilSent = untilRead(request, new Response(null, { status: 204 }), context)
    const answer = untilSent.then(({ status }) => [isLate, status])
    await writer.write(new Uint8Array(3))
    isLate = false
    await writer.close()

    expect(await answer).toEqual([false, 204])
  })

  it('fails in no way when its client has gone', async () => {
    const { request, writer } = sending()
    const { context, done } = afterwards()
    const answer = await untilRead(request, new Response('hello'), context)

    await answer.body?.cancel()
    await writer.abort('gone')

    await expect(done()).resolves.toBeDefined()
  })
})

describe('an answer that a fault breaks off', () => {
  it('breaks off, and nothing else fails, though its client has sent what was not read', async () => {
    const answer = await request(await refusedUpload(), { method: 'PUT', body: 'x'.repeat(100_000) })
    expect([answer.status, answer.headers.has('x-mock-fault')]).toEqual([503, true])
    await expect(answer.text()).rejects.toBeDefined()
  })

  it('is kept back until its request is read', async () => {
    const path = await refusedUpload()
    const { request: sent, writer } = sending()

    const answer = request(path, { method: 'PUT', body: sent.body })
    await writer.write(new Uint8Array(1000))

    expect(await Promise.race([answer, scheduler.wait(500)])).toBeUndefined()
    await writer.close()
    expect((await answer).status).toBe(503)
  })

  it('fails in no way when its client has gone before', async () => {
    const reasons = unheard()
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), 'x'.repeat(200_000))
    await client.complete(id)
    await admin(client.user, 'POST', '/faults', { operation: 'download', connection: 'truncate' })
    const context = createExecutionContext()
    const headers = { 'vmware-api-session-id': client.token }

    const asked = new Request(`https://vcenter.test/cls/static/${LIBRARY}/${ITEM}/a.iso`, { headers })
    const answer = await app.fetch(asked, env, context)
    await answer.body?.cancel()

    await waitOnExecutionContext(context)
    expect(await reasons()).toEqual([])
  })
})
