// What OVF descriptors and manifests say of the other files of their package.
import { XMLParser } from 'fast-xml-parser'
import { DESCRIPTOR_NAME, LINE_END, MANIFEST_LINE, MANIFEST_NAME, XML_ENCODING } from '../rules/expressions.ts'
import { ALGORITHMS, type Algorithm, type Descriptor } from '../rules/file.ts'

/** So many files a session has at most; what a descriptor lists beyond them is not kept. */
const ENTRIES_LIMIT = 1000

/** How UTF-16 begins, read as Latin-1: with its mark, or with a `<`. */
const STARTS: Record<string, string> = { ÿþ: 'utf-16le', '<\0': 'utf-16le', þÿ: 'utf-16be', '\0<': 'utf-16be' }
const DECLARATION_BYTES = 200

/** As its first bytes or its XML declaration say, else as UTF-8. */
function decode(bytes: Uint8Array<ArrayBuffer>): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, DECLARATION_BYTES))
  const label = STARTS[head.slice(0, 2)] ?? declaredIn(head)
  try {
    return new TextDecoder(label).decode(bytes)
  } catch {
    // It declares an encoding that does not exist.
    return new TextDecoder().decode(bytes)
  }
}

/** One that says UTF-16 and can be read as Latin-1 is not in UTF-16: programs write the text first, and then encode it otherwise. */
function declaredIn(head: string): string {
  const [, label = 'utf-8'] = XML_ENCODING.exec(head) ?? []
  return label.toLowerCase().startsWith('utf-16') ? 'utf-8' : label
}

/** Nothing for a file of another kind; one that cannot be read says nothing of others. */
export function readDescriptor(name: string, bytes: Uint8Array<ArrayBuffer>): Descriptor | undefined {
  if (DESCRIPTOR_NAME.test(name)) return { references: references(decode(bytes)).slice(0, ENTRIES_LIMIT) }
  if (!MANIFEST_NAME.test(name)) return undefined
  return { manifest: decode(bytes).split(LINE_END).flatMap(manifestLine).slice(0, ENTRIES_LIMIT) }
}

function references(xml: string): string[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    // Or else a character by its number stays as it is written. The parser itself limits entities of a DTD.
    htmlEntities: true,
    isArray: (tag) => tag === 'File',
  })
  try {
    // The parser's result has no type of its own; a file that is no descriptor has none of these.
    const { Envelope } = parser.parse(xml) as { Envelope?: { References?: { File?: { href?: unknown }[] } } }
    return (Envelope?.References?.File ?? []).flatMap(({ href }) => (typeof href === 'string' ? [href] : []))
  } catch {
    return []
  }
}

function manifestLine(line: string): { name: string; algorithm: Algorithm; checksum: string }[] {
  const [, given, name, checksum] = MANIFEST_LINE.exec(line) ?? []
  const algorithm = ALGORITHMS.find((known) => known === given?.toUpperCase())
  return algorithm && name !== undefined && checksum !== undefined
    ? [{ name, algorithm, checksum: checksum.toLowerCase() }]
    : []
}
