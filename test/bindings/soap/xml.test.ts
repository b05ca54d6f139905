// XML as any client may send it: what is read, and what is refused before it costs anything.
import { describe, expect, it } from 'vitest'
import { parseXml } from '../../../src/bindings/soap/xml.ts'

describe('an XML document', () => {
  it('is read by the local names of its elements, whatever their namespaces', () => {
    const text = '<s:a xmlns:s="urn:s" s:x="1"> <b xmlns="urn:b"><c/><t:c>x</t:c></b><d> y </d></s:a>'
    expect(parseXml(text)).toEqual({ ok: true, root: { a: { '#text': ' ', b: { c: ['', 'x'] }, d: ' y ' } } })
  })

  it.each([
    ['<a>p&amp;w &lt;&gt;&quot;&apos;</a>', `p&w <>"'`],
    ['<a>&#39;&#x22;&#xA;&#x1F600;</a>', `'"\n\u{1f600}`],
    ['<a><![CDATA[&amp;<b>]]></a>', '&amp;<b>'],
    ['<a> <!-- not this --> x </a>', '  x '],
    ['<a>007</a>', '007'],
    ['<a>\t\u007f\u0085\ufffd\u{10ffff}&#9;&#x10FFFF;</a>', '\t\u007f\u0085\ufffd\u{10ffff}\t\u{10ffff}'],
    ['<?xml version="1.0" encoding="UTF-8"?>\n<a>x</a>', 'x'],
    ['\n<?xml-style a?>\n<!-- not this -->\n<a>x</a>\n<!-- nor this -->\n', 'x'],
  ])('%s holds its text to the letter', (document, text) => {
    expect(parseXml(document)).toMatchObject({ ok: true, root: { a: text } })
  })

  it.each<[string, string, string?]>([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['a truncated element', '<a><b></b>'],
    ['a truncated tag', '<a><b'],
    ['a truncated attribute', '<a b="c'],
    ['a truncated comment', '<a><!-- '],
    ['a truncated CDATA section', '<a><![CDATA['],
    ['tags that cross', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text after the root', '<a></a>x'],
    ['an attribute without quotes', '<a b=c/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['two roots of one name', '<a/><a/>'],
    ['an element named like the prototype', '<__proto__/>'],
    ['an element named like the prototype, with a prefix', '<a:__proto__>x</a:__proto__>'],
    ['an ampersand that is no reference', '<a>b & c</a>'],
    ['an ampersand that is no reference in an attribute', '<a b="&"/>'],
    ['a reference that does not end in an attribute', '<a b="&amp"/>'],
    ['an entity that is not declared', '<a>&nbsp;</a>'],
    ['an entity named like a method of every object', '<a>&constructor;</a>'],
    ['a character that is none', '<a>&#x110000;</a>'],
    ['a control character', '<a>\u0001</a>'],
    ['a control character in an attribute', '<a b="\u001b"/>'],
    ['a control character in a comment', '<a><!-- \u0000 --></a>'],
    ['a control character by its number', '<a>&#1;</a>'],
    ['NUL by its number, in an attribute', '<a b="&#x0;"/>'],
    ['half of a character by its number', '<a>&#xD800;</a>', '&#xD800; stands for no character'],
    ['half of a character by its number, in decimal', '<a>&#55296;</a>', '&#55296; stands for no character'],
    ['two halves of a character by their numbers', '<a>&#xD83D;&#xDE00;</a>'],
    ['the last character of a plane', '<a>\uffff</a>'],
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['a document type alone', '<!DOCTYPE a><a/>'],
    ['a document type in small letters', '<!doctype a><a/>', 'a document type'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    ['nesting deeper than any request', '<a>'.repeat(40) + '</a>'.repeat(40)],
  ])('with %s is refused', (_, document, why = '') => {
    expect(parseXml(document)).toEqual({ ok: false, reason: expect.stringContaining(why) })
  })
})
