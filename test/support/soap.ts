// SOAP as govmomi sends it.
import { request } from './api.ts'

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${body}</Body></Envelope>`

export const methodCall = (method: string, on: string, parameters = '', namespace = 'urn:vim25'): string =>
  envelope(`<${method} xmlns="${namespace}"><_this type="${on}">${on}</_this>${parameters}</${method}>`)

export const post = (
  body: BodyInit,
  { path = '/sdk', cookie = '', type = 'text/xml; charset="utf-8"' } = {},
): Promise<Response> =>
  request(path, {
    method: 'POST',
    body,
    headers: { 'content-type': type, soapaction: 'urn:vim25/6.0', cookie },
  })

export const loginCall = (user: string, password: string): string =>
  methodCall('Login', 'SessionManager', `<userName>${user}</userName><password>${password}</password>`)

export const login = (user: string, password = 'secret'): Promise<Response> => post(loginCall(user, password))

export const readProperty = (on: string, path: string, method = 'RetrievePropertiesEx'): string =>
  methodCall(
    method,
    'propertyCollector',
    `<specSet><propSet><type>${on}</type><pathSet>${path}</pathSet></propSet>` +
      `<objectSet><obj type="${on}">${on}</obj><skip>false</skip></objectSet></specSet><options></options>`,
  )

/** Nine levels of entities, which expand to a billion of the innermost. */
export function bomb(): string {
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`)
  return `<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY e0 "boom">${entities.join('')}]>${envelope('&e9;').replace(/^.*\n/, '')}`
}

/** The token that a login left, as a cookie jar would keep it. */
export const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? ''
export const tokenOf = (response: Response): string => cookieOf(response).split('=')[1] ?? ''
