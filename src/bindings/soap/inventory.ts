// The one look into an inventory that clients of content libraries take: a datastore by its name.
import * as z from 'zod'

/** Datastores are all that a view of this mock can show. It keeps nothing, so its name says whether it shows them. */
export const viewOf = (parameters: unknown): string => {
  const { data } = ViewParameters.safeParse(parameters)
  const types = data?.type === undefined ? [] : [data.type].flat()
  return types.length === 0 || types.some((type) => SHOWN.includes(type)) ? DATASTORES_VIEW : EMPTY_VIEW
}
const ViewParameters = z.object({ type: z.union([z.string(), z.array(z.string())]).optional() })
/** The types that a datastore has. */
const SHOWN = ['Datastore', 'ManagedEntity']
const DATASTORES_VIEW = 'view-datastores'
const EMPTY_VIEW = 'view-nothing'
export const isView = (name: string): boolean => [DATASTORES_VIEW, EMPTY_VIEW].includes(name)

/** Of these the names are asked for: where each datastore starts from a view or from itself; nothing where it is another question. */
export function namesAsked(parameters: unknown, datastores: string[]): string[] | undefined {
  const { data } = NamesQuery.safeParse(parameters)
  if (!data) return undefined
  return [data.specSet.objectSet].flat().flatMap((each) => shownFrom(each.obj, datastores))
}
/** What is reached from one object: a view leads to what it shows. */
export const shownFrom = (name: string, datastores: string[]): string[] =>
  datastores.filter((id) => name === DATASTORES_VIEW || name === id)

const Start = z.object({ obj: z.string() })
const NamesQuery = z.object({
  specSet: z.object({
    objectSet: z.union([Start, z.array(Start)]),
    propSet: z.object({ type: z.enum(['Datastore', 'ManagedEntity']), pathSet: z.literal('name') }),
  }),
})
