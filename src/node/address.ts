// Addresses to listen on: what a host name means, who reaches it, and how a URL names it.
import { isIP, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { codeOf, Unusable } from './problem.ts'

/** Whether only clients on this machine can connect. Another name than localhost may lead anywhere. */
export const isLoopbackAddress = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** An address as a URL has it. */
export const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** The host of a URL, an address of IPv6 without its brackets. */
export const hostOf = (url: string): string | undefined => URL.parse(url)?.hostname.replaceAll(/[[\]]/g, '')

export const isUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '')

/** A name is resolved once: the server, the certificate and the printed lines have one address. */
export async function resolveHost(host: string): Promise<string> {
  const { address } =
    host === '' || isIP(host)
      ? { address: host }
      : await (await import('node:dns/promises')).lookup(host, { order: 'ipv4first' }).catch((error: unknown) => {
          throw new Unusable(`There is no address for the host "${host}" (${codeOf(error)}).`)
        })
  // In its usual form: `::`, not `0:0::0`.
  const usual = hostOf(`http://${bracketed(address)}`)
  if (!isIP(address) || usual === undefined)
    throw new Unusable(`The host "${host}" cannot stand in a URL. Name another address, without an interface.`)
  return usual
}

/** A client can connect to every address but those that stand for all. */
export const reachableAddress = (address: string): string =>
  ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[address] ?? address

/** The addresses under which clients may know a server that listens here. */
export const namesOf = (address: string): string[] =>
  reachableAddress(address) === address
    ? [address]
    : Object.values(networkInterfaces()).flatMap((all = []) => all.map((each) => each.address))
