// Whether a request may come from a page of this mock, or from no page: what a browser adds by itself proves nothing else.

/** A browser says which page asks, other clients say nothing. `publicUrl` is for old browsers behind a proxy. */
export function isOwnOrigin(headers: Headers, requestUrl: string, publicUrl = ''): boolean {
  const site = headers.get('sec-fetch-site')
  // `none` is a user who types an address. `same-site` may be another port of this machine.
  if (site !== null) return site === 'same-origin' || site === 'none'
  const origin = headers.get('origin')
  return origin === null || [requestUrl, publicUrl].some((url) => URL.parse(url)?.origin === origin)
}
