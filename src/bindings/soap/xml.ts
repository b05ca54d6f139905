// XML from strangers: one small document, strictly well-formed, without a DTD and so without entities of its own.
import { XMLParser, XMLValidator } from 'fast-xml-parser'

export type Element = {
  name: string
  /** The URI that its prefix, or the default, stands for; empty without one. */
  namespace: string
  /** Its own text, without that of its children. */
  text: string
  children: Element[]
}
type Parsed = { ok: true; root: Element } | { ok: false; reason: string }

export function parseXml(text: string): Parsed {
  // SOAP 1.1 allows none, and without it there is nothing to expand or to fetch.
  if (/<!doctype/i.test(text)) return refused('a document type declaration is not allowed.')
  const valid = XMLValidator.validate(text)
  if (valid !== true) return refused(valid.err.msg)
  try {
    const roots = elements(parser().parse(text) as Node[], { declared: new Map() })
    const [root] = roots
    return root && roots.length === 1 ? { ok: true, root } : refused('it must have one root element.')
  } catch (error) {
    return refused(error instanceof Error ? error.message : 'it cannot be parsed.')
  }
}

export const child = (parent: Element | undefined, name: string): Element | undefined =>
  parent?.children.find((each) => each.name === name)

const refused = (reason: string): Parsed => ({ ok: false, reason })

/** What the parser makes of a node: its name over its content, and its attributes beside it. */
type Node = Record<string, unknown>
/** The namespaces that an element declares, by prefix, the default one under the empty prefix; and those around it. */
type Scope = { declared: ReadonlyMap<string, string>; outer?: Scope }

/** Deeper than any request of this API. */
const DEPTH_LIMIT = 32
const TEXT = '#text'
const CDATA = '#cdata'
const ATTRIBUTES = ':@'

/** One per document, since it keeps what it saw. References are resolved here, where an unknown one is refused. */
const parser = () =>
  new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    textNodeName: TEXT,
    cdataPropName: CDATA,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: DEPTH_LIMIT,
  })

function elements(nodes: Node[], scope: Scope): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => ![ATTRIBUTES, TEXT, CDATA].includes(key))
    return name === undefined ? [] : [elementOf(name, node, scope)]
  })
}

function elementOf(qualified: string, node: Node, outer: Scope): Element {
  const content = node[qualified] as Node[]
  const declared = new Map(namespacesIn((node[ATTRIBUTES] ?? {}) as Record<string, string>))
  const scope = declared.size > 0 ? { declared, outer } : outer
  const [prefix, name] = split(qualified)
  const namespace = namespaceOf(prefix, scope) ?? ''
  if (prefix && !namespace) throw new Error(`the prefix ${prefix} stands for no namespace.`)
  return { name, namespace, text: content.map(textOf).join(''), children: elements(content, scope) }
}

/** No more steps than a document is deep. */
const namespaceOf = (prefix: string, { declared, outer }: Scope): string | undefined =>
  declared.get(prefix) ?? (outer && namespaceOf(prefix, outer))

function textOf(node: Node): string {
  if (CDATA in node) return (node[CDATA] as Node[]).map((part) => part[TEXT]).join('')
  return typeof node[TEXT] === 'string' ? resolve(node[TEXT]) : ''
}

const namespacesIn = (attributes: Record<string, string>): [prefix: string, uri: string][] =>
  Object.entries(attributes).flatMap(([qualified, value]) => {
    const uri = resolve(value)
    const [prefix, name] = split(qualified)
    if (prefix === 'xmlns') return [[name, uri]]
    return qualified === 'xmlns' ? [['', uri]] : []
  })

function split(qualified: string): [prefix: string, name: string] {
  const at = qualified.indexOf(':')
  return at === -1 ? ['', qualified] : [qualified.slice(0, at), qualified.slice(at + 1)]
}

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
