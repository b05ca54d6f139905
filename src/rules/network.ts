// The network that an address belongs to.
import { LEADING_ZEROS } from './expressions.ts'

const GROUPS = 8
/** Of the groups of an IPv6 address so many are the network's: a client with one address has all of its network. */
const NETWORK_GROUPS = 4

/** The address, or of IPv6 its network, written out. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const given = address.split(':').filter(Boolean).length
  return address
    .replace('::', `:${'0:'.repeat(Math.max(0, GROUPS - given))}`)
    .split(':')
    .filter(Boolean)
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.toLowerCase().replace(LEADING_ZEROS, ''))
    .join(':')
}
