// What a machine may lack.

/** Without it tests are skipped, but for the gate (`GATE`), where nothing may be: it is told what is missing. */
export function isThere(isIt: boolean, without: string): boolean {
  if (!isIt && process.env['GATE']) throw new Error(`The gate skips nothing: ${without}`)
  return isIt
}
