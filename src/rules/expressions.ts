// The regular expressions of the server. All are here, but for those of bindings/soap/xml.ts, so that one look tells
// whether text from clients can make one of them slow: each takes time in proportion to the text. The linter allows none
// elsewhere.

// Host names and addresses, as the URL parser writes them.

export const LOOPBACK = /^(?:localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/
/** Addresses and names that mean nothing, or too much, outside their own network. */
export const PRIVATE_IPV4 =
  /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./
export const PRIVATE_IPV6 = /^\[(?:::|f[cd]|fe[89ab])/
export const PRIVATE_NAME = /\.(?:local|internal|home|lan)$/
/** A name, an address of IPv4, or one of IPv6 in brackets. */
export const HOST_CHARACTERS = /^[\w.:[\]-]+$/
export const LEADING_ZEROS = /^0+(?=.)/

export const HEX = /^[0-9a-f]+$/i
export const CONTROL_CHARACTERS = /\p{Cc}/gu
/** A line ends for some readers at the last two, too: Node's readline is one. */
export const NOT_IN_A_LINE = /[\p{Cc}\u2028\u2029]/gu
/** An archive has its metadata within it. */
export const METADATA_NAME = /\.(?:ovf|mf|cert|ova)$/i
export const DESCRIPTOR_NAME = /\.ovf$/i
export const MANIFEST_NAME = /\.mf$/i
/** What is read before the descriptor, and vouches for the rest. */
export const SIGNATURE_NAME = /\.(?:mf|cert)$/i
/** In its first line, where it has one. */
export const XML_ENCODING = /^<\?xml [^>]*encoding *= *["']([\w.-]+)/
export const LINE_END = /\r?\n/
export const MANIFEST_LINE = /^\s*(\w+)\s*\((.+)\)\s*=\s*([0-9a-f]+)\s*$/i

export const JSON_TYPE = /^application\/json\s*(?:;|$)/i
/** Sandbox name, of 255 bytes at most; seal; and random bits (http/token.ts). */
export const TOKEN = /^([A-Za-z0-9_-]{1,340})\.([0-9a-f]{32})[0-9a-f]{32}$/
export const BEARER = /^Bearer +(\S.*)$/i
export const BASIC = /^ *basic +([\w.~+/-]+=*) *$/i
export const DIGITS = /^\d+$/
/** As a number that a client sends as a text. */
export const WHOLE_NUMBER = /^-?\d{1,19}$/
export const NOT_PRINTABLE_ASCII = /[^ -~]/
export const SESSION_ID = /^[\w:.-]{1,100}$/
/** These two cannot be a segment of a path: a URL parser resolves them. */
export const DOTS = /^\.{1,2}$/
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** An id in a path of /rest. */
export const PATH_ID = /^id(?::|%3[Aa])(.+)$/s
export const SPAN = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)?$/

// Where secrets begin and end in a text. Spaces are all characters up to the space.

/** After a dot, as a URL may write it: what stands before them is held with it. */
export const SEALED_DIGITS = /(?<=([\w-]*(?:\.|%2e)))[0-9a-f]+/gi
/** A URL parser takes any run of these for the two slashes; JSON may have escaped them. */
export const URL_SLASHES = /(?<=:)(?=\\*\/|\\\\)[\\/]+/g
export const USER_INFO_END = /[^!-.0-;=?-\uffff]|(?<!\\)"/g
/** The text between two quotation marks, before a colon. */
export const MEMBER_NAME = /(?<=")[^"]*(?=("[^!-\uffff]*:))/g
/** With the sign of equality and the spaces at both of its sides. */
export const PARAMETER_NAME = /(?<![!#-%*+\--:@-z|~-\uffff])([!#-%*+\--:@-z|~-\uffff]+)[^!-\uffff]*=[^!-\uffff]*/g
export const VALUE_END = /[^!#-%'-;=-\uffff]/g
/** With the colon, the apostrophe and the spaces before it, and the spaces behind it; no prefix of an element of XML. */
export const LABEL = /(?<![%\w\\-]|<\/?)([%\w\\-]+)'?[^!-\uffff]*:[^!-\uffff]*/g
export const LABELLED_END = /[^ !#-;=-\uffff]/g
export const ELEMENT_NAME = /(?<=<)[!-.0-;=?-\uffff]*/g
export const ELEMENT_END_NAME = /(?<=<\/)[!-.0-;=?-\uffff]*/g
/** A character that JSON or a URL has written by its number. */
export const ESCAPE = /\\u([0-9a-f]{4})|%([0-9a-f]{2})/gi
/** The first of some. */
export const CAPITAL = /(?<![A-Z])[A-Z]/g
export const NOT_ALPHANUMERIC = /[^a-z0-9]+/

// Of texts of our own: message texts, templates of paths, names of the specification.

export const PLACEHOLDER = /\{(\d)\}/g
export const PATH_FIELD = /\{(\w+)\}/g
export const WORD_BREAK = /(?<=[a-z])(?=[A-Z])/g
export const LATER_WORD = /_(\w)/g
