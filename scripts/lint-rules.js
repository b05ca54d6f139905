// A rule for the linter: regular expressions stand in src/rules/expressions.ts, and nowhere else in the server.
// Text from clients can make one of them slow, and in one file it is seen which there are.

const MESSAGE = 'Name this expression in src/rules/expressions.ts, or use the methods of strings.'
/** These methods make an expression of the string that they are given. */
const METHODS = ['match', 'matchAll', 'search']
const isConstant = (node) => node?.type === 'Identifier' && node.name === node.name.toUpperCase()

const noExpressions = {
  create(context) {
    const report = (node) => context.report({ node, message: MESSAGE })
    const call = (node) => {
      const property = node.callee.type === 'MemberExpression' ? node.callee.property : undefined
      const method = property?.name ?? property?.value
      if (METHODS.includes(method) && !isConstant(node.arguments[0])) report(node)
    }
    return {
      Literal: (node) => {
        if (node.regex) report(node)
      },
      // As a value, under whatever name and of whatever object; as a type it makes nothing.
      Identifier: (node) => {
        if (node.name === 'RegExp' && !node.parent?.type.startsWith('TS')) report(node)
      },
      CallExpression: call,
    }
  },
}

export default { meta: { name: 'server' }, rules: { 'no-expressions': noExpressions } }
