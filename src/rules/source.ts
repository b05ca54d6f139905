// Where a PULL may fetch from.

/**
 * `hosts` lists host names, separated by commas; `*.example.com` stands for every host below it, `loopback` for this
 * machine, `*` for every host that is not private. Empty, nothing may be pulled: a public mock is no proxy.
 */
export function mayPull(uri: string, hosts: string): boolean {
  const url = URL.parse(uri)
  if (!url || !/^https?:$/.test(url.protocol)) return false
  // With a dot at its end it is the same host.
  const host = url.hostname.toLowerCase().replace(/\.$/, '')
  return hosts
    .split(',')
    .map((allowed) => allowed.trim().toLowerCase())
    .some((allowed) => {
      if (allowed === '') return false
      if (allowed === 'loopback') return isLoopback(host)
      if (allowed === '*') return !isLoopback(host) && !isPrivate(host)
      return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed
    })
}

export const isLoopback = (host: string): boolean => /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(host)

/** Addresses and names that mean nothing, or too much, outside their own network. */
const isPrivate = (host: string): boolean =>
  /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(host) ||
  /^\[(::|f[cd]|fe[89ab])/.test(host) ||
  /\.(local|internal|home|lan)$/.test(host) ||
  !/[.:]/.test(host)
