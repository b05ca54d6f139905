// In place of `cloudflare:test` where stories run over a connection: no client looks into an object.
function lookInto(): never {
  throw new Error('This looks into an object, which no client can. Run it in the project "workers".')
}

export const runInDurableObject = (): never => lookInto()
export const evictDurableObject = (): never => lookInto()
export const runDurableObjectAlarm = (): never => lookInto()
