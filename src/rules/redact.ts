// What must not be kept of a request or an answer: passwords, tokens, the addresses bytes are sent to.

const REDACTED = '***'

/** Named in lower case. */
const SECRET_HEADERS = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'proxy-authorization',
  'vmware-api-session-id',
  'vmware-use-header-authn',
  'x-vmware-vapi-session-id',
])

export const redactHeader = (name: string, value: string): string =>
  SECRET_HEADERS.has(name.toLowerCase()) ? REDACTED : redact(value)

const PATTERNS: [RegExp, string][] = [
  // Every token of this mock, API session and upload alike, has this shape wherever it stands (wire/token.ts).
  [/[A-Za-z0-9_-]+(?:\.|%2[eE])[0-9a-f]{64}/g, REDACTED],
  [/("[^"]*(?:password|secret|token|sessionId|session_id)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"?/gi, `$1"${REDACTED}"`],
  [/(<(?:\w+:)?(?:password|token)\b[^>]*>)[^]*?(?=<\/|$)/gi, `$1${REDACTED}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s"@]*@/gi, `$1${REDACTED}@`],
  [/([?&;][^=&\s"]*(?:signature|token|secret|password|credential|key)[^=&\s"]*=)[^&\s"<]*/gi, `$1${REDACTED}`],
]

export const redact = (text: string): string =>
  PATTERNS.reduce((safe, [pattern, replacement]) => safe.replace(pattern, replacement), text)

/** More than this is not looked through: it is cut before its secrets are sought, so the limit is generous. */
const SCAN_CHARS = 65_536

/** Cut to `limit` characters after its secrets are gone, so that no part of one is left at the end. */
export function excerpt(text: string, limit: number): { text: string; isTruncated: boolean } {
  const safe = redact(text.slice(0, SCAN_CHARS))
  return { text: safe.slice(0, limit), isTruncated: text.length > SCAN_CHARS || safe.length > limit }
}
