import { array, assert, constantFrom, nat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginningOf, excerpt, KEPT_HEADERS, keptOf } from '../../src/rules/redact.ts'

const LIMIT = 4096
const redact = (text: string) => excerpt(text, LIMIT)
const TOKEN = `dXNlcg.${'0123456789abcdef'.repeat(4)}`

describe('what is kept of a text', () => {
  it.each([
    ['a token', `/cls/data/${TOKEN}/disk.vmdk`, '/cls/data/***/disk.vmdk'],
    ['a token with its dot encoded', `/api/${TOKEN.replace('.', '%2E')}?x`, '/api/***?x'],
    ['a token in upper case', TOKEN.toUpperCase(), '***'],
    ['two tokens', `${TOKEN} ${TOKEN}`, '*** ***'],
    ['a member of JSON', '{"user":"u","password":"hunter2"}', '{"user":"u","password":"***"}'],
    ['a member with spaces', '{"password" : "hunter2" , "a": 1}', '{"password":"***","a":1}'],
    ['a member with an escaped name', String.raw`{"pass\u0077ord":"hunter2"}`, '{"password":"***"}'],
    ['a name with an escape of a letter', String.raw`{"to\u006ben":"hunter2"`, String.raw`{"to\u006ben":***`],
    ['a parameter with an escape at the end of its name', '?toke%6e=hunter2&a=1', '?toke%6e=***&a=1'],
    ['words in capitals', '?SIG=hunter2&a=1', '?SIG=***&a=1'],
    ['words that begin with capitals', '?DataSig=hunter2&a=1', '?DataSig=***&a=1'],
    ['a word after a digit', '?x1Sig=hunter2&a=1', '?x1Sig=***&a=1'],
    ['a member with an escaped mark in it', String.raw`{"secret":"hun\"ter2","a":1}`, '{"secret":"***","a":1}'],
    ['a member that ends in a backslash', String.raw`{"secret":"hunter\\","a":1}`, '{"secret":"***","a":1}'],
    ['JSON in JSON', String.raw`"{\"token\":\"hun\\\"ter2\",\"a\":1}"`, String.raw`"{\"token\":\"***\",\"a\":1}"`],
    ['an escaped mark in a password', String.raw`{"u":"http://user:hun\"ter2@host/"}`, '{"u":"http://***@host/"}'],
    ['a URL with two backslashes', String.raw`https:\\user:hunter2@host/`, String.raw`https:\\***@host/`],
    ['a member without an end', '{"a":1,"password":"hunter2', '{"a":1,"password":***'],
    ['a member of what is no JSON', 'see {"password":"hunter2"} above', 'see {"password":***'],
    ['a token in the name of a member', `{"pwd":1,"${TOKEN}":2}`, '{"pwd":"***","***":2}'],
    ['a member that is a number', '{"pwd":1234,"a":1}', '{"pwd":"***","a":1}'],
    ['a member that is an object', '{"password":{"OPTIONAL":"hun}ter2"},"a":1}', '{"password":"***","a":1}'],
    ['a member that is a list', '{"tokens":["hunter2","hunter3"],"a":1}', '{"tokens":"***","a":1}'],
    ['an object within it', '{"password":{"a":{"b":[1]},"c":"hunter2"},"d":1}', '{"password":"***","d":1}'],
    ['an attribute within JSON', String.raw`{"a":"<a pwd=\"hun\\\"ter2\" b/>","c":1}`, '{"a":"<a pwd=***","c":1}'],
    ['a word of a name', 'x-sig=hunter2&userPass=hunter2', 'x-sig=***&userPass=***'],
    ['a token as a password', `{"password":"${TOKEN}"}`, '{"password":"***"}'],
    ['a SECRET of JSON-RPC', '{"SECRET":"hunter2"}', '{"SECRET":"***"}'],
    ['a session id', '{"schemeId":"s","sessionId":"hunter2"}', '{"schemeId":"s","sessionId":"***"}'],
    ['an element', '<a/><password>hunter2</password><a/>', '<a/><password***'],
    ['an element under a prefix', '<v:password xmlns:v="urn:vim25">hunter2</v:password>', '<v:password***'],
    ['an element under a prefix of another script', '<é:password>hunter2</é:password>', '<é:password***'],
    ['an element with a token in its name', `<password${TOKEN}>hunter2`, '<******'],
    ['an element without an end', '<token>hunter2', '<token***'],
    ['an element whose beginning is torn', '<a/><<b></b>password>hunter2</password>', '<a/><<b><***</password>'],
    ['an element without a beginning', 'hunter2</v:token><a/>', '***</v:token><a/>'],
    ['an element without content', '</token>', '</token>'],
    ['an attribute', '<login password="hunter2" user="u"/>', '<login password=***'],
    ['an attribute in apostrophes', `<login password = 'hunter2 x' user='u'/>`, '<login password = ***'],
    ['user and password behind one slash', '"https:/u:hunter2@h/x"', '"https:/***@h/x"'],
    ['user and password behind three slashes', '"https:///u:hunter2@h/x"', '"https:///***@h/x"'],
    ['user and password behind backslashes', String.raw`"https:\\\\u:hunter2@h/x"`, String.raw`"https:\\\\***@h/x"`],
    ['user and password of an address', '"http://user:hunter2@host/x"', '"http://***@host/x"'],
    ['a password with a sign in it', 'http://user:hun@ter2@host/x', 'http://***@host/x'],
    ['an address in escaped JSON', String.raw`"http:\/\/user:hunter2@host\/x"`, String.raw`"http:\/\/***@host\/x"`],
    ['a signature of an address', 'http://host/x?sig=hunter2&a=1', 'http://host/x?sig=***&a=1'],
    ['a signature of Amazon', '/x?X-Amz-Signature=hunter2&a=1', '/x?X-Amz-Signature=***&a=1'],
    ['a key of an address', '/x?a=1&api_key=hunter2', '/x?a=1&api_key=***'],
    ['an encoded name', '/x?p%61ssword=hunter2', '/x?p%61ssword=***'],
    ['a form', 'pwd=hunter2&a=1&passwd=hunter2&pass=hunter2', 'pwd=***&a=1&passwd=***&pass=***'],
    ['a parameter of a path', '/x;token=hunter2', '/x;token=***'],
    ['an object of Python', "{'user': 'u', 'password': 'hunter2'}", "{'user': 'u', 'password': ***"],
    ['an object of JavaScript', '{user:"u",password:"hunter2"}', '{user:"u",password:***'],
    ['a list of an object of JavaScript', '{user:"u", tokens : ["hunter2"]}', '{user:"u", tokens : ***'],
    ['an object in a text of JSON', `{"a":"{'password': 'hunter2'}","b":1}`, `{"a":"{'password': ***","b":1}`],
    ['a line of YAML', 'user: u\npassword: hun ter2\na: 1', 'user: u\npassword: ***\na: 1'],
    ['a header', 'GET /\r\nAuthorization: Basic hunter2\r\n\r\n', 'GET /\r\nAuthorization: ***\r\n\r\n'],
    ['a header in a text of JSON', '{"a":"cookie: hunter2","b":1}', '{"a":"cookie: ***","b":1}'],
    ['two of them', 'token: hunter2 secret: hunter3\ntoken: hunter4', 'token: ***\ntoken: ***'],
  ])('has no secret where it is %s', (_, text, safe) => {
    expect(redact(text)).toBe(safe)
  })

  it.each([
    ['/api/content/library/item/update-session/a:b?action=cancel'],
    ['{"update_session_id":"a:b","name":"disk.vmdk","size":3}'],
    ['/x?update_session_id=a&~action=get'],
    ['{"update_session_id":"a","downloadSessionId":"b","client_token":"c"}'],
    ['xxpassword":"a"'],
    ['"a:b@c"'],
    ['"http://host":"a@b"'],
    ['http://host a@b'],
    ['http://host'],
    ['["password","a"]'],
    ['<token:user>u</token:user>'],
    ["{'user': 'u', 'pass word': 'x', client_token: 'c'}"],
    ['a password, or a token. Reason: x'],
    [`/a%2f${'0123456789abcdef'.repeat(4)}`],
    ['a pass word=2'],
    ['{"description":"a design for bypass, monkeys and the assignment"}'],
    ['<userName>u</userName><passive>x</passive>'],
    ['http://host:80/a@b and mail@host'],
    ['design=1&bypass=2&compass=3'],
    ['?xASig=1&xZSig=2'],
    ['?pasyyabcdsword=1'],
    ['?pasyuabcdsword=1'],
    ['?pas%zzsword=1'],
    [String.raw`{"pas\xabcdsword":"1"}`],
    [String.raw`{"pas\uzzzzsword":"1"}`],
    ['"a" : "b", \\u0041 100% <3 > 2 = x'],
    [`file.${'0123456789abcdef'.repeat(3)}`],
    [''],
  ])('is all of %j', (text) => {
    expect(redact(text)).toBe(text)
  })

  it('is no longer than its limit', () => {
    expect(excerpt('x'.repeat(99), 10)).toBe('x'.repeat(10))
    expect(excerpt('?sig=a&sig=b', 12)).toHaveLength(12)
    expect(excerpt('a.0f x', 4)).toBe('***')
    expect(excerpt('http://h/abc', 10)).toBe('http://h/a')
    expect(excerpt('http://hunter2', 10)).toBe('http://***')
    expect(beginningOf('abcd', 2)).toBe('abc')
  })
})

describe('a token', () => {
  const HEX = '0123456789abcdefABCDEF'.padEnd(64, '0')

  it('may have any letter or digit, a dash and a score before its dot', () => {
    for (const character of 'azmAZM059-_') expect(redact(`${character}.${HEX}`)).toBe('***')
  })

  it.each(Array.from('`{@[/:!~é ,'))('does not begin with %j', (character) => {
    expect(redact(`${character}a.${HEX}`)).toBe(`${character}***`)
    expect(redact(`${character}.${HEX}`)).toBe(`${character}***`)
  })

  it.each(Array.from('gG/:@`'))('has 64 digits, of which %j is none', (character) => {
    const text = `a.${HEX.slice(1)}${character}`

    expect(redact(text)).toBe(text)
    expect(redact(`a.${HEX}${character}`)).toBe(`***${character}`)
  })

  it('that a cut has left unfinished is taken out, but a dot at the cut is no token', () => {
    expect(excerpt('a.0', 2)).toBe('a.')
    expect(excerpt(`a.${HEX}`, 10)).toBe('***')
    expect(excerpt(`a.${HEX.slice(0, 8)} b`, 11)).toBe(`a.${HEX.slice(0, 8)} `)
    expect(excerpt(`a%2e${HEX}`, 10)).toBe('***')
    expect(redact(`a.${HEX.slice(0, 8)}`)).toBe(`a.${HEX.slice(0, 8)}`)
  })
})

it.each([
  ['accept', 'x', 'x'],
  ['content-encoding', 'x', 'x'],
  ['content-length', 'x', 'x'],
  ['traceparent', 'x', 'x'],
  ['transfer-encoding', 'x', 'x'],
  ['x-request-id', 'x', 'x'],
  ['authorization', 'x', '***'],
  ['cookie', 'x', '***'],
  ['proxy-authorization', 'x', '***'],
  ['vmware-api-session-id', 'x', '***'],
  ['vmware-use-header-authn', 'x', '***'],
  ['x-vmware-vapi-session-id', 'x', '***'],
  ['x-api-key', 'x', undefined],
  ['', 'x', undefined],
])('of a header %s, %j is kept as %j', (name, value, kept) => {
  expect(keptOf(name, value)).toBe(kept)
  expect(KEPT_HEADERS.includes(name)).toBe(kept !== undefined)
})

/** The secret, in each place where one can stand. */
const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'.repeat(2)
const PARTS = Array.from({ length: SECRET.length - 5 }, (_, at) => SECRET.slice(at, at + 6))
const PLACES = [
  `x.${SECRET}`,
  `x%2e${SECRET}`,
  `"password":"${SECRET}"`,
  `"password":"\\"${SECRET}\\""`,
  `"pass\\u0077ord":"${SECRET}"`,
  `\\"secret\\":\\"${SECRET}\\"`,
  `"token":{"OPTIONAL":"${SECRET}"}`,
  `<password>${SECRET}</password>`,
  `<password><![CDATA[${SECRET}]]></password>`,
  `<a:token b="c">${SECRET}</a:token>`,
  `<a password="${SECRET}"/>`,
  `://u:${SECRET}@h/`,
  `?sig=${SECRET}`,
  `&pwd=${SECRET}&`,
  `'password': '${SECRET}'`,
  `{password: "${SECRET}"}`,
  ` token: ${SECRET}`,
]
/** What the scan takes for a sign of something, in any order. */
const signs = `" ' \\ < > / = & ; ? : :// @ . , %2e { } [ ] key password sig= sig=" "password": "token":" <password>
<token <token a=" </password> <![CDATA[ --> <!-- x.${'a'.repeat(64)} \\u0077 {"SECRET": http://u:p@h/`.split(/\s/)
const garbage = array(constantFrom(' ', ...signs), { maxLength: 12 }).map((parts) => parts.join(''))

it.each(PLACES)('whatever stands around a secret, and wherever the text is cut, nothing is left in %s', (place) => {
  assert(
    property(garbage, garbage, nat(), (before, after, cut) => {
      const text = `${before}${place}${after}`
      const limit = cut % (text.length + 1)
      return [redact(text), excerpt(text, limit), excerpt(beginningOf(text, limit), limit)].every(
        (kept) => !PARTS.some((part) => kept.includes(part)),
      )
    }),
  )
})
