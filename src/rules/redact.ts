// What must not be kept of a request or an answer: passwords, tokens, the addresses bytes are sent to. Text from clients
// is read once, from left to right and without regular expressions. Each character starts at most one look ahead, and no
// look ahead passes again over what one of its kind has passed: the cost is that of the length.

const REDACTED = '***'

/** A name that holds one of these is a secret's, however its words are joined: `api_token`, `sessionId`, `newPassword`. */
const SECRETS = (
  'password passwd passphrase pwd secret token sessionid signature credential apikey accesskey privatekey authorization ' +
  'cookie'
).split(' ')
/** These are secrets as a word of their own only: `sig` and `x-pass`, but not `design` and `bypass`. */
const SECRET_WORDS = ['sig', 'pass']
/** Ids of resources, and of requests that are sent again: nothing is opened by them. */
const RESOURCE_IDS = ['updatesessionid', 'downloadsessionid', 'clienttoken']

/** Headers whose values say how a client asks, and nothing of who it is: the journal keeps these. */
const HARMLESS_HEADERS = (
  'accept accept-encoding accept-language cache-control cf-connecting-ip client-token connection content-encoding ' +
  'content-length content-type expect host if-match if-none-match if-range origin range soapaction traceparent ' +
  'transfer-encoding user-agent vapi-operation vapi-service x-request-id'
).split(' ')
/** Of these it keeps only that they were sent. */
const PROOFS =
  'authorization cookie proxy-authorization vmware-api-session-id vmware-use-header-authn x-vmware-vapi-session-id'.split(
    ' ',
  )
export const KEPT_HEADERS: readonly string[] = [...HARMLESS_HEADERS, ...PROOFS]

const harmless = new Set(HARMLESS_HEADERS)
const proofs = new Set(PROOFS)
/** What is kept of the value of a header, whose name is in lower case; nothing of one that is in neither list. */
export function keptOf(name: string, value: string): string | undefined {
  if (harmless.has(name)) return value
  return proofs.has(name) ? REDACTED : undefined
}

/**
 * The text cut to `limit` characters, without its secrets: one that the cut has left unfinished is taken out as well. It
 * knows of the cut by the one character more that `beginningOf` leaves.
 */
export function excerpt(text: string, limit: number): { text: string; isTruncated: boolean } {
  const isTruncated = text.length > limit
  return { text: redact(text.slice(0, limit), isTruncated).slice(0, limit), isTruncated }
}

/** As much of a text as `excerpt` looks at. */
export const beginningOf = (text: string, limit: number): string => text.slice(0, limit + 1)

/** The same data without its secrets, and with a limit its texts cut to so many characters, as `excerpt` does. */
export function withoutSecrets(value: unknown, limit?: number): unknown {
  if (typeof value === 'string') return limit === undefined ? redact(value, false) : excerpt(value, limit).text
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, limit))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, each]: [string, unknown]) => {
    const isKept = each === null || typeof each === 'boolean' || !isSecret(name)
    return [name, isKept ? withoutSecrets(each, limit) : REDACTED]
  })
  return Object.fromEntries(members)
}

/** What is taken out, and what stands in its place. */
type Secret = { from: number; to: number; by?: string }
/** What the scan knows of the text before it. */
type Marks = {
  /** Where the characters that a token may have began, and the name of a parameter; and the last quotation mark. */
  run: number
  name: number
  quote: number
  /** Where the last secret of each kind ends: what is within it needs no look ahead of its own. */
  quoted: number
  plain: number
  nested: number
  element: number
}

function redact(text: string, isCut: boolean): string {
  const marks: Marks = { run: 0, name: 0, quote: -1, quoted: 0, plain: 0, nested: 0, element: 0 }
  const secrets: Secret[] = []
  for (let at = 0; at < text.length; at++) {
    const secret = secretAt(text, at, marks, isCut)
    if (secret) secrets.push(secret)
    advance(text, at, marks)
  }
  return without(text, secrets)
}

/** Two that overlap are taken out as one. */
function without(text: string, secrets: Secret[]): string {
  let safe = ''
  let done = 0
  for (const { from, to, by = REDACTED } of secrets.toSorted((a, b) => a.from - b.from)) {
    if (from >= done) safe += text.slice(done, from) + by
    done = Math.max(done, to)
  }
  return safe + text.slice(done)
}

function advance(text: string, at: number, marks: Marks): void {
  const character = text.charAt(at)
  if (character === '"') marks.quote = at
  if (!isTokenCharacter(character)) marks.run = at + 1
  if (NAME_ENDS.includes(character)) marks.name = at + 1
  // After a space begins another name; but `name = value` has a space behind its name.
  else if (!isSpace(character) && isSpace(text.charAt(at - 1))) marks.name = at
}

const NAME_ENDS = `?&;="'<>,{}()`
const isSpace = (character: string) => character <= ' '
const isDigit = (character: string) => character >= '0' && character <= '9'
const isLetter = (character: string) => (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
const isTokenCharacter = (character: string) =>
  isLetter(character) || isDigit(character) || character === '-' || character === '_'
const isHexDigit = (character: string) =>
  isDigit(character) || (character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F')

/** Where the characters end that fit. */
function skip(text: string, from: number, fits: (character: string) => boolean): number {
  let at = from
  while (at < text.length && fits(text.charAt(at))) at++
  return at
}

function secretAt(text: string, at: number, marks: Marks, isCut: boolean): Secret | undefined {
  switch (text.charAt(at)) {
    case '.':
      return tokenAt(text, at + 1, marks, isCut)
    case '%':
      return text.slice(at, at + 3).toLowerCase() === '%2e' ? tokenAt(text, at + 3, marks, isCut) : undefined
    case ':':
      return userInfoAt(text, at, isCut)
    case '"':
      return memberAt(text, at, marks)
    case '=':
      return parameterAt(text, at, marks)
    case '<':
      return elementAt(text, at, marks)
    default:
      return undefined
  }
}

const TOKEN_DIGITS = 64
/** Every token of this mock, API session and upload alike, has this shape wherever it stands (http/token.ts). */
function tokenAt(text: string, from: number, { run }: Marks, isCut: boolean): Secret | undefined {
  const to = skip(text, from, isHexDigit)
  const isUnfinished = isCut && to === text.length && to > from
  return isUnfinished || to - from >= TOKEN_DIGITS ? { from: run, to } : undefined
}

/** User and password of `scheme://user:password@host`, whose slashes JSON may have escaped. */
function userInfoAt(text: string, colon: number, isCut: boolean): Secret | undefined {
  // A URL parser takes any run of these for the two slashes.
  const from = skip(text, colon + 1, (each) => each === '/' || isBackslash(each))
  const slashes = text.slice(colon + 1, from)
  if (!slashes.includes('/') && slashes.length < 2) return undefined
  let sign: number | undefined
  let at = from
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    const isQuoteEnd = character === '"' && text[at - 1] !== '\\'
    if (isQuoteEnd || isSpace(character) || '/<>'.includes(character)) break
    if (character === '@') sign = at
  }
  if (isCut && at === text.length) return { from, to: at }
  return sign === undefined ? undefined : { from, to: sign }
}

const isBackslash = (character: string) => character === '\\'

/** The value of a member of a JSON object, seen at the mark that ends its name; the JSON may be within other JSON. */
function memberAt(text: string, at: number, marks: Marks): Secret | undefined {
  const { quote } = marks
  const colon = skip(text, at + 1, isSpace)
  if (quote === -1 || text[colon] !== ':' || !isSecret(text.slice(quote + 1, at))) return undefined
  const value = skip(text, colon + 1, isSpace)
  const from = skip(text, value, isBackslash)
  if (text[from] === '"') return quotedAt(text, from, from - value, marks)
  if (value < marks.nested) return undefined
  const isNested = text[value] === '{' || text[value] === '['
  marks.nested = isNested
    ? nestedEnd(text, value)
    : skip(text, value, (each) => !isSpace(each) && !',}]"<'.includes(each))
  return { from: value, to: marks.nested, by: `"${REDACTED}"` }
}

/** A text in quotation marks, which so many backslashes stand before. */
function quotedAt(text: string, open: number, backslashes: number, marks: Marks): Secret | undefined {
  if (open < marks.quoted) return undefined
  marks.quoted = quotedEnd(text, open, backslashes)
  return { from: open + 1, to: marks.quoted }
}

/** The mark that ends it: within JSON within JSON, each level doubles the backslashes before a mark and adds one. */
function quotedEnd(text: string, open: number, backslashes: number): number {
  let before = 0
  for (let at = open + 1; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"' && (before < backslashes || (before - backslashes) % (2 * backslashes + 2) === 0)) return at
    before = isBackslash(character) ? before + 1 : 0
  }
  return text.length
}

function nestedEnd(text: string, open: number): number {
  let depth = 0
  let before = 0
  for (let at = open; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') at = quotedEnd(text, at, before)
    if (character === '{' || character === '[') depth++
    if ((character === '}' || character === ']') && --depth === 0) return at + 1
    before = isBackslash(character) ? before + 1 : 0
  }
  return text.length
}

/** `name=value`: of a query, a form, or an attribute in XML. */
function parameterAt(text: string, at: number, marks: Marks): Secret | undefined {
  if (!isSecret(text.slice(marks.name, at), 'key')) return undefined
  const value = skip(text, at + 1, isSpace)
  const from = skip(text, value, isBackslash)
  if (text[from] === '"') return quotedAt(text, from, from - value, marks)
  if (text[from] === "'") return { from: from + 1, to: skip(text, from + 1, (each) => each !== "'") }
  if (value < marks.plain) return undefined
  marks.plain = skip(text, value, (each) => !isSpace(each) && !'&"<'.includes(each))
  return { from: value, to: marks.plain }
}

/** Where markup within an element ends that is not to be taken for its end. */
const SECTIONS = [
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
  ['<?', '?>'],
] as const

/** The attributes and the content of an element of XML, up to the tag that ends it. */
function elementAt(text: string, at: number, marks: Marks): Secret | undefined {
  if (at < marks.element) return undefined
  const nameEnd = skip(text, at + 1, (each) => !isSpace(each) && !'/<>'.includes(each))
  const name = text.slice(at + 1, nameEnd)
  if (!isSecret(name.slice(name.lastIndexOf(':') + 1))) return undefined
  const tagEnd = endOfTag(text, nameEnd)
  if (text[tagEnd] === '>' && text[tagEnd - 1] === '/') {
    marks.element = tagEnd
    return { from: nameEnd, to: tagEnd - 1, by: '' }
  }
  marks.element = endOfContent(text, tagEnd + 1, name)
  return { from: nameEnd, to: marks.element, by: `>${REDACTED}` }
}

function endOfTag(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== '>') {
    const character = text.charAt(at)
    at = character === '"' || character === "'" ? skip(text, at + 1, (each) => each !== character) + 1 : at + 1
  }
  return at
}

/** An element within it may have the same name; one whose name only begins so has another. */
function endOfContent(text: string, from: number, name: string): number {
  // Made once: a name can be as long as the text.
  const [begin, finish] = [`<${name}`, `</${name}`]
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] !== '<') continue
    if (isTag(text, at, finish)) {
      if (depth === 0) return at
      depth -= 1
    } else if (isTag(text, at, begin)) depth += 1
    const section = SECTIONS.find(([opening]) => text.startsWith(opening, at))
    if (!section) continue
    const [open, close] = section
    const end = text.indexOf(close, at + open.length)
    if (end === -1) return text.length
    at = end + close.length - 1
  }
  return text.length
}

const isTag = (text: string, at: number, tag: string): boolean =>
  text.startsWith(tag, at) && (isSpace(text.charAt(at + tag.length)) || '/>'.includes(text.charAt(at + tag.length)))

/** Whether what has this name is a secret, or holds one of these words more. */
function isSecret(name: string, ...more: string[]): boolean {
  const words = wordsOf(unescape(name))
  const letters = words.join('')
  if (RESOURCE_IDS.includes(letters)) return false
  return (
    [...SECRETS, ...more].some((each) => letters.includes(each)) || words.some((each) => SECRET_WORDS.includes(each))
  )
}

/** JSON may write a character as `\u0077`, and a URL as `%77`. */
function unescape(name: string): string {
  let plain = ''
  for (let at = 0; at < name.length; at++) {
    const character = name.charAt(at)
    const begin = character === '%' ? at + 1 : at + 2
    const end = character === '%' ? begin + 2 : begin + 4
    const isEscape = character === '%' || (character === '\\' && name[at + 1] === 'u')
    if (isEscape && skip(name, begin, isHexDigit) >= end) {
      plain += String.fromCharCode(Number.parseInt(name.slice(begin, end), 16))
      at = end - 1
    } else if (!isBackslash(character)) plain += character
  }
  return plain
}

/** In lower case: `x-goog_Signature` and `xGoogSignature` are three words. */
function wordsOf(name: string): string[] {
  let spaced = ''
  for (let at = 0; at < name.length; at++) {
    const character = name.charAt(at)
    if (isUpperCase(character) && !isUpperCase(name.charAt(at - 1))) spaced += ' '
    spaced += isLetter(character) || isDigit(character) ? character.toLowerCase() : ' '
  }
  return spaced.split(' ')
}
const isUpperCase = (character: string) => character >= 'A' && character <= 'Z'
