// What clients of content libraries read of an inventory: a datastore by its name, and whose session this is.
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

/** What is reached from one object: a view leads to what it shows. */
export const shownFrom = (name: string, datastores: string[]): string[] =>
  datastores.filter((id) => name === DATASTORES_VIEW || name === id)

/** Which of the properties that there are is asked for, and of which object; a datastore's name is asked of many, too. */
export function queryIn(parameters: unknown) {
  const { data } = Query.safeParse(parameters)
  if (!data) return undefined
  const { objectSet, propSet } = data.specSet
  return { property: propSet.pathSet, starts: [objectSet].flat().map(({ obj }) => obj) }
}

const Start = z.object({ obj: z.string() })
const Query = z.object({
  specSet: z.union([
    // As pyvmomi 6 and 7 read every property.
    z.object({
      objectSet: Start,
      propSet: z.object({ pathSet: z.enum(['content', 'currentSession', 'view']) }),
    }),
    z.object({
      objectSet: z.union([Start, z.array(Start)]),
      propSet: z.object({ type: z.enum(['Datastore', 'ManagedEntity']), pathSet: z.literal('name') }),
    }),
  ]),
})
