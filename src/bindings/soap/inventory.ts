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

/** The versions of vim25 that a client may speak: what this mock answers is the same in all of them. */
const VERSIONS =
  '9.1.0.0 9.0.0.0 8.0.3.0 8.0.2.0 8.0.1.0 8.0.0.1 7.0.3.2 7.0.3.0 7.0.2.0 7.0.1.0 7.0.0.2 6.7.3 6.7 6.5 6.0 5.5 5.1 5.0 4.1 4.0 2.5u2'
export const serviceVersions = (): string => {
  const [version = '', ...prior] = VERSIONS.split(' ')
  return `<?xml version="1.0" encoding="UTF-8"?>
<namespaces version="1.0">
 <namespace>
  <name>urn:vim25</name>
  <version>${version}</version>
  <priorVersions>${prior.map((each) => `<version>${each}</version>`).join('')}</priorVersions>
 </namespace>
</namespaces>
`
}
