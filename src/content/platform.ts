// How Cloudflare answers in place of a source that it does not reach: in words for the client that named the source.

/**
 * Why the mock does not reach this source, or nothing where the answer is the source's own. The body may never end.
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
export function whyUnreached({ url, status, headers }: Response): string | undefined {
  if (status >= 520 && status <= 530) return `Cloudflare does not reach the source (error ${status}). ${MORE}`
  if (status === 403 && headers.get('server') === 'cloudflare' && isAddress(url))
    return `Cloudflare fetches from no IP address (error 1003): give the source a name. ${MORE}`
  return undefined
}

const MORE = 'docs/deploy.md has more in "Sources of a PULL"'

/** The URL parser has written an IPv4 address in four numbers. Names that end in a number are not valid. */
function isAddress(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? ''
  return host.startsWith('[') || !Number.isNaN(Number(host.split('.').at(-1) || NaN))
}
