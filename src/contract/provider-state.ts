// What a provider state is, and whether a pact asks for it with the parameters that it takes.
import type { Stage } from './stage.ts'

/** What a state hands to the interaction that asked for it: ids and tokens, by the names that pacts use. */
export type Values = Record<string, string>

/** A state as it was asked for, checked: `null` is the same as no value, and numbers are the same as their digits. */
export type AskedState = { name: string; given: Record<string, string> }

/** Where only this mock can do it. */
type Reach = 'this mock'
/** Any text will do, or one of `values`; `default` is what one is that is not given. */
type Parameter = { type?: 'integer'; required?: true; reach?: Reach; values?: string[]; default?: string | number }
type Parameters = Record<string, Parameter>
export type State<Given = AskedState['given']> = {
  description: string
  reach?: Reach
  parameters: Parameters
  setUp: (stage: Stage, given: Given) => Promise<Values>
}
type GivenFor<P extends Parameters> = {
  [K in keyof P]: P[K] extends { required: true } | { default: unknown } ? string : string | undefined
}
export const state = <const P extends Parameters>(
  description: string,
  parameters: P,
  setUp: State<GivenFor<P>>['setUp'],
  reach?: Reach,
): State => ({ description, parameters, setUp: setUp as State['setUp'], ...(reach && { reach }) }) // checkParameters has seen them

/** By a name from outside: every object inherits properties such as `constructor`. */
export const ownOf = <T>(all: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(all, name) ? all[name] : undefined

/** A state that is asked for in other words than these would be another one. */
export function checkParameters(name: string, parameters: Parameters, given: object): AskedState['given'] {
  const checked: AskedState['given'] = {}
  for (const [key, value] of Object.entries(given) as [string, unknown][]) {
    const parameter = ownOf(parameters, key)
    if (!parameter) {
      const taken = Object.keys(parameters).join(', ') || 'none'
      throw new Error(`The provider state "${name}" has no parameter "${key}". It takes: ${taken}.`)
    }
    if (value === null) continue
    const { values, type } = parameter
    const text =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : undefined
    const wanted = values?.join(', ') ?? (type ? 'a whole number' : 'a text')
    if (text === undefined || values?.includes(text) === false || (type && !/^\d{1,15}$/.test(text)))
      throw new Error(`The provider state "${name}" wants for "${key}" ${wanted}, not ${JSON.stringify(value)}.`)
    checked[key] = text
  }
  for (const [key, { required, default: otherwise }] of Object.entries(parameters)) {
    if (required && !Object.hasOwn(checked, key))
      throw new Error(`The provider state "${name}" wants the parameter "${key}".`)
    if (otherwise !== undefined) checked[key] ??= `${otherwise}`
  }
  return checked
}
