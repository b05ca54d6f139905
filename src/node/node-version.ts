// Whether this Node can run the mock: an older one fails at whatever it lacks first.

/** That of `engines` in package.json. */
const [MAJOR, MINOR] = [22, 18]

/** Why the mock does not start in this version of Node, or nothing where it does. */
export function whyNoNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > MAJOR || (major === MAJOR && minor >= MINOR)
    ? undefined
    : `update-session-mock needs Node ${MAJOR}.${MINOR} or newer, and this is ${version}.`
}
