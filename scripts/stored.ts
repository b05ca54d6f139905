// What the demo, the benchmarks and tests count of a mock's content.
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** How many objects and bytes of content there are. */
export type Stored = { objects: number; bytes: number }

/** Markers of sandboxes are empty, and not counted. */
export async function storedIn(folder: string): Promise<Stored> {
  try {
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const content = files.filter((file) => file.isFile() && !file.parentPath.startsWith(join(folder, 'sandboxes')))
    const sizes = await Promise.all(
      content.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
    )
    return { objects: content.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  } catch (error) {
    // What it was about to look at has been deleted, unless the folder itself is not there.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // as the file system's errors are
    await access(folder)
    return storedIn(folder)
  }
}
