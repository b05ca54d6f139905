// XML from clients: one small document, strictly well-formed, without a DTD and so without entities of its own.
import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An element is its text, or its elements by local name, with text beside them as `#text`; one that repeats is a list. */
type Parsed = { ok: true; root: object } | { ok: false; reason: string }

export function parseXml(text: string): Parsed {
  // SOAP 1.1 allows none, and without it there is nothing to expand or to fetch.
  if (/<!doctype/i.test(text)) return failed('a document type declaration is not allowed.')
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

const PREDEFINED = new Map([
  ['amp', '&'],
  ['apos', "'"],
  ['gt', '>'],
  ['lt', '<'],
  ['quot', '"'],
])

/** A reference ends before the next begins: looked for beyond it, a row of ampersands would cost its length squared. */
const resolve = (text: string): string =>
  text.replaceAll(/&([^;&]*)(;?)/g, (_, name: string, end: string) => {
    if (end === '') throw new Error('an ampersand stands for no character.')
    return character(name)
  })

function character(name: string): string {
  const [, hex, decimal] = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(name) ?? []
  if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
  if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
  const known = PREDEFINED.get(name)
  if (known === undefined) throw new Error(`the entity ${name} is not known.`)
  return known
}
