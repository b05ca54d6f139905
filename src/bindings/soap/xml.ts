// XML from clients: one small document, strictly well-formed, without a DTD and so without entities of its own.
import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An element is its text, or its elements by local name, with text beside them as `#text`; one that repeats is a list. */
type Parsed = { ok: true; root: object } | { ok: false; reason: string }

export function parseXml(text: string): Parsed {
  // SOAP 1.1 allows none, and without it there is nothing to expand or to fetch.
  if (/<!doctype/i.test(text)) return failed('a document type declaration is not allowed.')
  if (text.search(NOT_IN_XML) !== -1) return failed('it has a character that XML does not allow.')
  const valid = XMLValidator.validate(text)
  if (valid !== true) return failed(valid.err.msg)
  try {
    const root = parser.parse(text) as object // the parser's result has no type of its own
    return elementsIn(root).length === 1 ? { ok: true, root } : failed('it must have one root element.')
  } catch (error) {
    return failed(error instanceof Error ? error.message : 'it cannot be parsed.')
  }
}

export const elementsIn = (element: object): [name: string, content: unknown][] =>
  Object.entries(element).flatMap(([name, content]) =>
    name === TEXT ? [] : [content].flat().map((each): [string, unknown] => [name, each]),
  )

/** The same text, where it holds what XML cannot: a user's name may. */
export const allowedInXml = (text: string): string => text.replaceAll(NOT_IN_XML, '\u{fffd}')

/** Allowed by no document of XML 1.0, not even by their numbers: most control characters, and halves of others. */
const NOT_IN_XML = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const failed = (reason: string): Parsed => ({ ok: false, reason })

/** Deeper than any request of this API. */
const ELEMENT_DEPTH_LIMIT = 32

const TEXT = '#text'

const ignore = () => undefined

const parser = new XMLParser({
  // Attributes are read, so that a bad reference in one is refused, and none is kept.
  ignoreAttributes: () => true,
  textNodeName: TEXT,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: ELEMENT_DEPTH_LIMIT,
  // A path for each element would cost the square of its length.
  jPath: false,
  // The parser's own decoder keeps an unknown reference as it is.
  entityDecoder: {
    decode: (text) => resolve(text),
    reset: ignore,
    setXmlVersion: ignore,
    setExternalEntities: ignore,
    addInputEntities: ignore,
  },
})

const PREDEFINED = new Map(Object.entries({ amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' }))

/** A reference ends before the next begins: looked for beyond it, a row of ampersands would cost its length squared. */
const resolve = (text: string): string =>
  text.replaceAll(/&([^;&]*)(;?)/g, (reference, name: string, end: string) => {
    const [, hex, decimal] = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(name) ?? []
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    const character = code <= LAST_CODE ? String.fromCodePoint(code) : PREDEFINED.get(name)
    if (end === '' || character === undefined || character.search(NOT_IN_XML) !== -1)
      throw new Error(`${reference} stands for no character.`)
    return character
  })
const LAST_CODE = 0x10_ff_ff
