// SOAP as govmomi writes it.

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${body}</Body></Envelope>`

export const methodCall = (method: string, on: string, parameters = '', namespace = 'urn:vim25'): string =>
  envelope(`<${method} xmlns="${namespace}"><_this type="${on}">${on}</_this>${parameters}</${method}>`)

export const credentials = (user: string, password: string): string =>
  `<userName>${user}</userName><password>${password}</password>`

export const loginCall = (user: string, password: string): string =>
  methodCall('Login', 'SessionManager', credentials(user, password))

export const property = (on: string, path: string): string =>
  `<specSet><propSet><type>${on}</type><pathSet>${path}</pathSet></propSet>` +
  `<objectSet><obj type="${on}">${on}</obj><skip>false</skip></objectSet></specSet><options></options>`

/** Nine levels of entities, which expand to a billion of the innermost. */
export function bombIn(body: string): string {
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`)
  return `<!DOCTYPE bomb [<!ENTITY e0 "boom">${entities.join('')}]>${body.replace(/^<\?.*\n/, '')}`
}
