// Which Node can run the mock: an older one fails at whatever it lacks first.

/** That of `engines` in package.json. */
const [MAJOR, MINOR] = [22, 18]

export function requireNode(version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return
  throw new Error(`update-session-mock needs Node ${MAJOR}.${MINOR} or newer, and this is ${version}.`)
}
