// SOAP as govmomi sends it.
import { request } from './api.ts'
import { bombIn, envelope, loginCall, methodCall, property } from './soap-call.ts'

export { envelope, loginCall, methodCall } from './soap-call.ts'

export const post = (
  body: BodyInit,
  { path = '/sdk', cookie = '', type = 'text/xml; charset="utf-8"' } = {},
): Promise<Response> =>
  request(path, { method: 'POST', body, headers: { 'content-type': type, soapaction: 'urn:vim25/6.0', cookie } })

export const login = (user: string, password = 'secret'): Promise<Response> => post(loginCall(user, password))

export const readProperty = (on: string, path: string, method?: string): string =>
  methodCall(method ?? 'RetrievePropertiesEx', 'propertyCollector', property(on, path))

export const bomb = (): string => `<?xml version="1.0"?>${bombIn(envelope('&e9;'))}`

/** The token that a login left, as a cookie jar would keep it. */
export const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? ''
export const tokenOf = (response: Response): string => cookieOf(response).split('=')[1] ?? ''
