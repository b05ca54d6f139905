// The expressions that modules beside the rules use too, by texts that fit them and texts that nearly do. What finds secrets is told by
// redact.test.ts, what reads settings by settings.test.ts.
import { describe, expect, it } from 'vitest'
import * as expressions from '../../src/rules/expressions.ts'

const [HALF, OTHER_HALF] = ['0123456789abcdef'.repeat(2), 'fedcba9876543210'.repeat(2)]
const SEAL = HALF + OTHER_HALF
const UUID = '01234567-89ab-cdef-0123-456789abcdef'

const byName = { ...expressions }
type Name = keyof typeof byName
const fitting: [name: Name, fits: string[], not: string[]][] = [
  [
    'LOOPBACK',
    ['localhost', 'a.localhost', 'a.b.localhost', '127.0.0.1', '[::1]'],
    'notlocalhost localhost.example.com 127.example.com 128.0.0.1 1127.0.0.1 [::1]x x[::1] [::2]'.split(' '),
  ],
  [
    'PRIVATE_IPV4',
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
    ['[::]', '[::1]', '[fc00::1]', '[fd00::1]', '[fe80::1]', '[febf::1]'],
    ['[2001:db8::1]', '[fec0::1]', '[fb00::1]', 'x[fd00::1]', 'fd00::1'],
  ],
  [
    'PRIVATE_NAME',
    ['a.local', 'a.internal', 'a.home', 'a.lan'],
    ['local', 'a.local.example.com', 'a.locale', 'a.vlan'],
  ],
  ['HEX', ['0', '09afAF'], ['', 'xab', 'abx', 'a b']],
  ['CONTROL_CHARACTERS', ['a\u0000b', '\n', '\u007f'], ['', 'ab é']],
  ['NOT_IN_A_LINE', ['\n', 'a\u2028', '\u2029b'], ['', 'ab é', '\u2027']],
  ['METADATA_NAME', ['a.ovf', 'a.MF', 'a.cert', 'a.OVA'], ['a.ovf.gz', 'aovf', 'a.iso']],
  ['DESCRIPTOR_NAME', ['a.ovf', 'a.OVF'], ['a.ovf.gz', 'aovf']],
  ['MANIFEST_NAME', ['a.mf', 'a.MF'], ['a.mf.gz', 'amf']],
  ['SIGNATURE_NAME', ['a.mf', 'a.CERT'], ['a.mf.gz', 'acert', 'a.ovf']],
  [
    'XML_ENCODING',
    ['<?xml version="1.0" encoding="UTF-16"?>', `<?xml version='1.0' encoding = 'iso-8859-1' ?>`],
    ['', '<?xml version="1.0"?><a encoding="x"/>', ' <?xml encoding="x"?>', 'encoding="UTF-8"', '<?xml encoding=x?>'],
  ],
  [
    'JSON_TYPE',
    ['application/json', 'Application/JSON', 'application/json;charset=utf-8', 'application/json ; charset=utf-8'],
    ['', 'text/application/json', 'application/jsonx', 'application/json5;', 'application/json x'],
  ],
  ['SESSION_ID', ['a', 'aZ_9:b.c-d', 'a'.repeat(100)], ['', 'a'.repeat(101), 'a/b', '/a', 'a/', 'é']],
  ['DOTS', ['.', '..'], ['', '...', 'a.', '.a', '. ']],
  [
    'UUID',
    [UUID, UUID.toUpperCase()],
    [`0${UUID}`, `${UUID}0`, UUID.slice(1), UUID.slice(0, -1), UUID.replaceAll('-', ''), UUID.replace('8', 'g')],
  ],
  ['PATH_ID', ['id:a', 'id:a/b', 'id:\n', 'id%3Aa', 'id%3aa:b'], ['', 'id:', 'ida', 'a', 'xid:a', 'ID:a', 'id%3A']],
  ['MANIFEST_LINE', ['SHA1(a.b)=0F'], ['- SHA1(a.b)= 0f', 'SHA1(a.b)= 0f x', 'SHA1(a.b)= xyz', 'SHA1()= 0f']],
  [
    'TOKEN',
    [`a.${SEAL}`],
    [`!a.${SEAL}`, `.${SEAL}`, `a.${SEAL}0`, `a.${HALF}${HALF.slice(1)}`, `a.${HALF}${OTHER_HALF.toUpperCase()}`],
  ],
  ['BEARER', ['Bearer a'], ['a Bearer b', 'Bearer a\nb', 'Bearer ']],
  ['BASIC', ['Basic a'], ['a basic b', 'basic b c', 'basicYWE6Yg']],
]

/** What it finds in the text, each with its groups: all that there is, where it is applied everywhere. */
const findings: [name: Name, text: string, found: (string | undefined)[]][] = [
  ['MANIFEST_LINE', 'SHA1(a.vmdk)=0F', ['SHA1(a.vmdk)=0F', 'SHA1', 'a.vmdk', '0F']],
  ['MANIFEST_LINE', '  sha256  (a (1).b)  =  0f  ', ['  sha256  (a (1).b)  =  0f  ', 'sha256', 'a (1).b', '0f']],
  ['TOKEN', `aZ9_-.${SEAL}`, [`aZ9_-.${SEAL}`, 'aZ9_-', HALF]],
  ['BEARER', 'Bearer a b', ['Bearer a b', 'a b']],
  ['BEARER', 'bearer   a', ['bearer   a', 'a']],
  ['BASIC', 'Basic aZ9_.~+/-==', ['Basic aZ9_.~+/-==', 'aZ9_.~+/-==']],
  ['BASIC', '  basic   YWE6Yg  ', ['  basic   YWE6Yg  ', 'YWE6Yg']],
  ['CONTROL_CHARACTERS', 'a\u0000b\n', ['\u0000', '\n']],
  ['NOT_IN_A_LINE', 'a\u2028b\u2029', ['\u2028', '\u2029']],
  ['PATH_FIELD', 'a/{item_id}/{b}/{}/{a b}', ['{item_id}', 'item_id', '{b}', 'b']],
  ['LATER_WORD', 'update_session_1_ _-', ['_s', 's', '_1', '1']],
]

describe('an expression', () => {
  it.each(fitting)('%s fits %j, not %j', (name, fits, not) => {
    expect(fits.filter((text) => text.search(byName[name]) === -1)).toEqual([])
    expect(not.filter((text) => text.search(byName[name]) !== -1)).toEqual([])
  })

  it.each(findings)('%s finds in %j %j', (name, text, found) => {
    const expression = byName[name]
    const all = expression.global ? Array.from(text.matchAll(expression)) : [expression.exec(text) ?? []]

    expect(all.flatMap((each) => each.slice())).toEqual(found)
  })

  it('divides lines, and words', () => {
    expect('a\nb\r\nc\rd'.split(expressions.LINE_END)).toEqual(['a', 'b', 'c\rd'])
    expect('Item.TransferEndpoint IDs'.split(expressions.WORD_BREAK)).toEqual(['Item.Transfer', 'Endpoint IDs'])
  })
})
