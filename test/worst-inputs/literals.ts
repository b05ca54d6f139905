// The literals of a module: strings, parts of templates, and what its regular expressions look for.
import { readFileSync } from 'node:fs'
import { RegExpParser, type AST } from '@eslint-community/regexpp'
import ts from 'typescript'

const EXPRESSIONS = 'src/rules/expressions.ts'

/** Each once; those of the shared expressions that it imports are among them. */
export function literalsOf(path: string): string[] {
  const imported = new Set(importedExpressions(path))
  const shared = parse(EXPRESSIONS).statements.filter((statement) => declares(statement, imported))
  return [...new Set([parse(path), ...shared].flatMap(literalsWithin))].filter((literal) => literal !== '')
}

const parse = (path: string) => ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest)

const importedExpressions = (path: string): string[] =>
  parse(path).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return []
    const named = statement.importClause?.namedBindings
    if (!EXPRESSIONS.endsWith(statement.moduleSpecifier.text.replace(/^.*\//, '/')) || !named) return []
    return ts.isNamedImports(named) ? named.elements.map(({ name }) => name.text) : []
  })

const declares = (statement: ts.Statement, names: Set<string>): boolean =>
  ts.isVariableStatement(statement) &&
  statement.declarationList.declarations.some(({ name }) => ts.isIdentifier(name) && names.has(name.text))

function literalsWithin(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node)) return []
  if (ts.isRegularExpressionLiteral(node)) return samplesOf(node.text)
  const own = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) ? [node.text] : []
  const children: ts.Node[] = []
  ts.forEachChild(node, (child) => void children.push(child))
  return [...own, ...children.flatMap(literalsWithin)]
}

/** Of a regular expression: one text for each of its parts, from a single character up to a whole alternative. */
function samplesOf(expression: string): string[] {
  const { pattern } = new RegExpParser().parseLiteral(expression)
  const samples: string[] = []
  const note = (sample: string): string => {
    samples.push(sample)
    return sample
  }
  const all = (alternatives: AST.Alternative[]): string =>
    alternatives.map(({ elements }) => note(elements.map(sampleOf).join('')))[0] ?? ''
  const sampleOf = (part: AST.Element | AST.CharacterClassElement): string => {
    switch (part.type) {
      case 'Character':
        return note(String.fromCodePoint(part.value))
      case 'CharacterClassRange':
        return sampleOf(part.min)
      case 'CharacterClass':
        return part.elements.map(sampleOf)[0] ?? ''
      case 'CharacterSet':
        return note(part.kind === 'digit' ? '0' : part.kind === 'space' ? ' ' : 'a')
      case 'Quantifier':
        return sampleOf(part.element).repeat(Math.max(part.min, 1))
      case 'Group':
      case 'CapturingGroup':
        return all(part.alternatives)
      case 'Assertion':
      case 'Backreference':
      case 'ClassStringDisjunction':
      case 'ExpressionCharacterClass':
        return ''
    }
  }
  all(pattern.alternatives)
  return samples
}
