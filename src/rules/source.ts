// The source of a PULL: where it may be, and how its address is shown.
import { encodeBase64 } from './base64url.ts'
import { LOOPBACK, PRIVATE_IPV4, PRIVATE_IPV6, PRIVATE_NAME } from './expressions.ts'
import { redact } from './redact.ts'

/** Why a source was not reached, in the words of its probe. */
export type Unreached = 'TIMED_OUT' | 'HOST_NOT_FOUND' | 'CERTIFICATE_ERROR'

/**
 * `hosts` lists host names, separated by commas; `*.example.com` stands for every host below it, `loopback` for this
 * machine, `*` for every host that is not private. Empty, nothing may be pulled: a public mock is no proxy.
 */
export function mayPull(uri: string, hosts: string): boolean {
  const url = URL.parse(uri)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false
  // With a dot at its end it is the same host.
  const name = url.hostname
  const host = name.endsWith('.') ? name.slice(0, -1) : name
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

/** The address as it may be shown and fetched, and what its user and password are as a header. */
export function splitSource(uri: string): { uri: string; authorization?: string } {
  const url = URL.parse(uri)
  // What is no URL is shown all the same, as what it is not.
  if (!url) return { uri: redact(uri) }
  if (url.username === '' && url.password === '') return { uri }
  const [user, password] = [url.username, url.password].map(decoded)
  url.username = ''
  url.password = ''
  return { uri: url.href, authorization: `Basic ${encodeBase64(`${user}:${password}`)}` }
}
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const isLoopback = (host: string): boolean => LOOPBACK.test(host)

const isPrivate = (host: string): boolean =>
  [PRIVATE_IPV4, PRIVATE_IPV6, PRIVATE_NAME].some((range) => range.test(host)) ||
  !(host.includes('.') || host.includes(':'))
