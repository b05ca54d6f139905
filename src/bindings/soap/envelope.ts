// How an answer over SOAP is written.
import { XMLBuilder } from 'fast-xml-parser'
import { explain, soapFault, type ErrorType, type Failure } from '../../rules/failure.ts'
import type { Render } from '../../http/render.ts'
import { allowedInXml } from './xml.ts'

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/'

/** Content of an element, in the builder's words: text, or elements by name; `@name` is an attribute. */
export type Xml = string | Xml[] | { [name: string]: Xml }

export const reference = (type: string, value = type): Xml => ({ '@type': type, '#text': value })

/** The namespace of the service; and the method, where it is one of those that there are, and so no word of the client's. */
export type SoapFacts = { namespace: string; method?: string }

/** The faults of vim25 that this binding answers with, as errors of the API; every other failure is a RuntimeFault. */
const FAULTS = {
  InvalidLogin: 'UNAUTHENTICATED',
  InvalidRequest: 'INVALID_REQUEST',
  ManagedObjectNotFound: 'NOT_FOUND',
  NotAuthenticated: 'UNAUTHENTICATED',
  NotSupported: 'UNSUPPORTED',
} as const satisfies Record<string, ErrorType>
export const faultOf = (name: keyof typeof FAULTS, text: string): Failure => soapFault(name, FAULTS[name], text)
const faultName = ({ messages: [message] }: Failure): string =>
  Object.keys(FAULTS).find((name) => message?.id.endsWith(`.${name}`)) ?? 'RuntimeFault'

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true })

export const renderSoap: Render = (result, _, facts) => {
  const { namespace, method } = facts as SoapFacts // as soap.ts binds them
  const value = result.ok ? (result.value as Xml | undefined) : undefined // as each method answers
  const fault = result.ok ? '' : faultName(result.failure)
  const content: Xml = result.ok
    ? { [`${method}Response`]: { '@xmlns': namespace, ...(value !== undefined && { returnval: value }) } }
    : {
        'soapenv:Fault': {
          faultcode: 'ServerFaultCode',
          faultstring: explain(result.failure),
          detail: { [`${fault}Fault`]: { '@xmlns': namespace, '@xsi:type': fault } },
        },
      }
  const envelope = {
    'soapenv:Envelope': {
      '@xmlns:soapenv': ENVELOPE,
      '@xmlns:xsd': 'http://www.w3.org/2001/XMLSchema',
      '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      'soapenv:Body': content,
    },
  }
  return {
    status: result.ok ? 200 : 500,
    headers: { 'content-type': 'text/xml; charset="utf-8"' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${allowedInXml(builder.build(envelope))}`,
  }
}
