// Every expression, by texts that fit it and texts that nearly do.
import { describe, expect, it } from 'vitest'
import * as expressions from '../../src/rules/expressions.ts'

const [HALF, OTHER_HALF] = ['0123456789abcdef'.repeat(2), 'fedcba9876543210'.repeat(2)]
const UUID = '01234567-89ab-cdef-0123-456789abcdef'

const fitting: [name: keyof typeof expressions, expression: RegExp, fits: string[], not: string[]][] = [
  [
    'LOOPBACK',
    expressions.LOOPBACK,
    ['localhost', 'a.localhost', 'a.b.localhost', '127.0.0.1', '[::1]'],
    [
      'notlocalhost',
      'localhost.example.com',
      '127.example.com',
      '128.0.0.1',
      '1127.0.0.1',
      '[::1]x',
      'x[::1]',
      '[::2]',
    ],
  ],
  [
    'PRIVATE_IPV4',
    expressions.PRIVATE_IPV4,
    (
      '0.0.0.0 10.0.0.1 127.0.0.1 169.254.0.1 192.168.0.1 172.16.0.1 172.19.0.1 172.20.0.1 172.29.0.1 172.30.0.1 ' +
      '172.31.0.1 100.64.0.1 100.69.0.1 100.75.0.1 100.99.0.1 100.100.0.1 100.119.0.1 100.120.0.1 100.127.0.1'
    ).split(' '),
    (
      '1.0.0.0 11.0.0.1 101.0.0.1 126.0.0.1 169.253.0.1 192.169.0.1 172.15.0.1 172.32.0.1 172.2x.0.1 100.63.0.1 ' +
      '100.128.0.1 100.6.0.1 100.7x.0.1 100.11x.0.1 8.10.0.1'
    ).split(' '),
  ],
  [
    'PRIVATE_IPV6',
    expressions.PRIVATE_IPV6,
    ['[::]', '[::1]', '[fc00::1]', '[fd00::1]', '[fe80::1]', '[febf::1]'],
    ['[2001:db8::1]', '[fec0::1]', '[fb00::1]', 'x[fd00::1]', 'fd00::1'],
  ],
  [
    'PRIVATE_NAME',
    expressions.PRIVATE_NAME,
    ['a.local', 'a.internal', 'a.home', 'a.lan'],
    ['local', 'a.local.example.com', 'a.locale', 'a.vlan'],
  ],
  ['HEX', expressions.HEX, ['0', '09afAF'], ['', 'xab', 'abx', 'a b']],
  ['CONTROL_CHARACTERS', expressions.CONTROL_CHARACTERS, ['a\u0000b', '\n', '\u007f'], ['', 'ab é']],
  ['NOT_IN_A_LINE', expressions.NOT_IN_A_LINE, ['\n', 'a\u2028', '\u2029b'], ['', 'ab é', '\u2027']],
  ['METADATA_NAME', expressions.METADATA_NAME, ['a.ovf', 'a.MF', 'a.cert'], ['a.ovf.gz', 'aovf', 'a.ova']],
  ['DESCRIPTOR_NAME', expressions.DESCRIPTOR_NAME, ['a.ovf', 'a.OVF'], ['a.ovf.gz', 'aovf']],
  ['MANIFEST_NAME', expressions.MANIFEST_NAME, ['a.mf', 'a.MF'], ['a.mf.gz', 'amf']],
  ['SIGNATURE_NAME', expressions.SIGNATURE_NAME, ['a.mf', 'a.CERT'], ['a.mf.gz', 'acert', 'a.ovf']],
  ['ARCHIVE_NAME', expressions.ARCHIVE_NAME, ['a.ova', 'a.OVA'], ['a.ova.gz', 'aova', 'a.ovf']],
  [
    'JSON_TYPE',
    expressions.JSON_TYPE,
    ['application/json', 'Application/JSON', 'application/json;charset=utf-8', 'application/json ; charset=utf-8'],
    ['', 'text/application/json', 'application/jsonx', 'application/json5;', 'application/json x'],
  ],
  ['DIGITS', expressions.DIGITS, ['0', '120'], ['', 'a1', '1a', '1.0', '-1']],
  ['NOT_PRINTABLE_ASCII', expressions.NOT_PRINTABLE_ASCII, ['é', 'a\n', '\u007f'], ['', ' azAZ09~']],
  [
    'SESSION_ID',
    expressions.SESSION_ID,
    ['a', 'aZ_9:b.c-d', 'a'.repeat(100)],
    ['', 'a'.repeat(101), 'a/b', '/a', 'a/', 'é'],
  ],
  ['DOTS', expressions.DOTS, ['.', '..'], ['', '...', 'a.', '.a', '. ']],
  [
    'UUID',
    expressions.UUID,
    [UUID, UUID.toUpperCase()],
    [`0${UUID}`, `${UUID}0`, UUID.slice(1), UUID.slice(0, -1), UUID.replaceAll('-', ''), UUID.replace('8', 'g')],
  ],
  [
    'PATH_ID',
    expressions.PATH_ID,
    ['id:a', 'id:a/b', 'id%3Aa', 'id%3aa:b'],
    ['', 'id:', 'ida', 'a', 'xid:a', 'ID:a', 'id%3A'],
  ],
]

/** What the expression finds first, and its groups; nothing for a text that it does not fit. */
const parts: [
  name: keyof typeof expressions,
  expression: RegExp,
  text: string,
  groups: (string | undefined)[] | undefined,
][] = [
  ['HOST_CHARACTERS', expressions.HOST_CHARACTERS, '[::1]', ['[::1]']],
  ['HOST_CHARACTERS', expressions.HOST_CHARACTERS, 'a-b_c.example', ['a-b_c.example']],
  ['HOST_CHARACTERS', expressions.HOST_CHARACTERS, 'a;b', undefined],
  ['HOST_CHARACTERS', expressions.HOST_CHARACTERS, '', undefined],
  ['LEADING_ZEROS', expressions.LEADING_ZEROS, '0012', ['00']],
  ['LEADING_ZEROS', expressions.LEADING_ZEROS, '000', ['00']],
  ['LEADING_ZEROS', expressions.LEADING_ZEROS, '100', undefined],
  ['MANIFEST_LINE', expressions.MANIFEST_LINE, 'SHA1(a.vmdk)=0F', ['SHA1(a.vmdk)=0F', 'SHA1', 'a.vmdk', '0F']],
  [
    'MANIFEST_LINE',
    expressions.MANIFEST_LINE,
    '  sha256  (a (1).vmdk)  =  0f  ',
    ['  sha256  (a (1).vmdk)  =  0f  ', 'sha256', 'a (1).vmdk', '0f'],
  ],
  ['MANIFEST_LINE', expressions.MANIFEST_LINE, '- SHA1(a.vmdk)= 0f', undefined],
  ['MANIFEST_LINE', expressions.MANIFEST_LINE, 'SHA1(a.vmdk)= 0f x', undefined],
  ['MANIFEST_LINE', expressions.MANIFEST_LINE, 'SHA1(a.vmdk)= xyz', undefined],
  ['MANIFEST_LINE', expressions.MANIFEST_LINE, 'SHA1()= 0f', undefined],
  ['TOKEN', expressions.TOKEN, `aZ9_-.${HALF}${OTHER_HALF}`, [`aZ9_-.${HALF}${OTHER_HALF}`, 'aZ9_-', HALF]],
  ['TOKEN', expressions.TOKEN, `!a.${HALF}${OTHER_HALF}`, undefined],
  ['TOKEN', expressions.TOKEN, `.${HALF}${OTHER_HALF}`, undefined],
  ['TOKEN', expressions.TOKEN, `a.${HALF}${OTHER_HALF}0`, undefined],
  ['TOKEN', expressions.TOKEN, `a.${HALF}${HALF.slice(1)}`, undefined],
  ['TOKEN', expressions.TOKEN, `a.${HALF}${OTHER_HALF.toUpperCase()}`, undefined],
  ['BEARER', expressions.BEARER, 'Bearer a b', ['Bearer a b', 'a b']],
  ['BEARER', expressions.BEARER, 'bearer a', ['bearer a', 'a']],
  ['BEARER', expressions.BEARER, 'a Bearer b', undefined],
  ['BEARER', expressions.BEARER, 'Bearer a\nb', undefined],
  ['BEARER', expressions.BEARER, 'Bearer ', undefined],
  ['BASIC', expressions.BASIC, 'Basic aZ9_.~+/-==', ['Basic aZ9_.~+/-==', 'aZ9_.~+/-==']],
  ['BASIC', expressions.BASIC, '  basic   YWE6Yg  ', ['  basic   YWE6Yg  ', 'YWE6Yg']],
  ['BASIC', expressions.BASIC, 'a basic b', undefined],
  ['BASIC', expressions.BASIC, 'basic b c', undefined],
  ['BASIC', expressions.BASIC, 'basicYWE6Yg', undefined],
  ['SPAN', expressions.SPAN, '90s', ['90s', '90', 's']],
  ['SPAN', expressions.SPAN, '-1.25ms', ['-1.25ms', '-1.25', 'ms']],
  ['SPAN', expressions.SPAN, 'x1s', undefined],
  ['SPAN', expressions.SPAN, '1sx', undefined],
  ['SPAN', expressions.SPAN, '1', ['1', '1', undefined]],
  ['SPAN', expressions.SPAN, '1w', undefined],
]

/** All that it finds, each with its groups. */
const all = (expression: RegExp, text: string) =>
  Array.from(text.matchAll(expression)).flatMap((found) => found.slice())

describe('an expression', () => {
  it.each(fitting)('%s: %o fits %j, not %j', (_, expression, fits, not) => {
    expect(fits.filter((text) => text.search(expression) === -1)).toEqual([])
    expect(not.filter((text) => text.search(expression) !== -1)).toEqual([])
  })

  it.each(parts)('%s: %o finds in %j %j', (_, expression, text, groups) => {
    expect(expression.exec(text)?.slice()).toEqual(groups)
  })

  it.each([
    ['LINE_END', 'a\nb\r\nc\rd'.split(expressions.LINE_END), ['a', 'b', 'c\rd']],
    ['CONTROL_CHARACTERS', 'a\u0000b\n'.replaceAll(expressions.CONTROL_CHARACTERS, ''), 'ab'],
    ['NOT_IN_A_LINE', 'a\u2028b\u2029'.replaceAll(expressions.NOT_IN_A_LINE, ''), 'ab'],
    ['PLACEHOLDER', '{0} {1} {10} {a}'.replaceAll(expressions.PLACEHOLDER, '<$1>'), '<0> <1> {10} {a}'],
    ['PATH_FIELD', 'a/{item_id}/{b}/{}/{a b}'.replaceAll(expressions.PATH_FIELD, '<$1>'), 'a/<item_id>/<b>/{}/{a b}'],
    ['WORD_BREAK', 'Item.TransferEndpoint IDs'.replaceAll(expressions.WORD_BREAK, '_'), 'Item.Transfer_Endpoint IDs'],
    ['SEALED_DIGITS', all(expressions.SEALED_DIGITS, 'a-b.0F x%2E1 .g c.'), ['0F', 'a-b.', '1', 'x%2E']],
    ['URL_SLASHES', all(expressions.URL_SLASHES, 'a:b c:/d e:\\/\\/f g:\\\\h i:\\j'), ['/', '\\/\\/', '\\\\']],
    ['USER_INFO_END', all(expressions.USER_INFO_END, 'a:b@c\\"/ "<>'), ['/', ' ', '"', '<', '>']],
    ['MEMBER_NAME', all(expressions.MEMBER_NAME, '{"a": "b", "c":1}'), ['a', '":', 'c', '":']],
    [
      'PARAMETER_NAME',
      all(expressions.PARAMETER_NAME, '?a=1&b \n= c d=é(x=y'),
      ['a=', 'a', 'b \n= ', 'b', 'd=', 'd', 'x=', 'x'],
    ],
    [
      'LABEL',
      all(expressions.LABEL, "a-b:1 {'c' : 2, d\\'\n:\t3 <e:f> </g:h> /i: \"j\": é%6b:"),
      ['a-b:', 'a-b', "c' : ", 'c', "d\\'\n:\t", 'd\\', 'i: ', 'i', '%6b:', '%6b'],
    ],
    ['LABELLED_END', all(expressions.LABELLED_END, 'a b\'c;d&e\tf"g<h\ni'), ['\t', '"', '<', '\n']],
    ['VALUE_END', all(expressions.VALUE_END, 'a\'b;c&d\te"f<g'), ['&', '\t', '"', '<']],
    ['ELEMENT_NAME', all(expressions.ELEMENT_NAME, '<a:b c><d></e>'), ['a:b', 'd', '']],
    ['LATER_WORD', 'update_session_1_ _-'.replaceAll(expressions.LATER_WORD, '<$1>'), 'update<s>ession<1>_ _-'],
  ])('%s is applied everywhere', (_, applied, expected) => {
    expect(applied).toEqual(expected)
  })
})
