// What `npm run build` makes of the worker, as the runtime's configuration takes it.
import { readFile } from 'node:fs/promises'
import { fileURLToPath, URL } from 'node:url'

export type Bundle = {
  /** The file of the script. */
  script: string
  compatibilityDate: string
  compatibilityFlags: string[]
  /** The variables of wrangler.toml and their values, and the secrets, as a start on one's own machine has them. */
  vars: Record<string, string>
  /** The names of bindings to Durable Objects, and their classes. */
  objects: Record<string, string>
  /** The number of the form in which sandboxes are stored. */
  schema: number
}

/** From a folder that the build has made. */
export async function readBundle(folder: URL, mainModule = 'index.js'): Promise<Bundle> {
  const config = await readFile(new URL('config.json', folder), 'utf8')
  return { script: fileURLToPath(new URL(mainModule, folder)), ...(JSON.parse(config) as Omit<Bundle, 'script'>) } // written by the build, of this type
}
