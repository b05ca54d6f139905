// One request to the admin API of a mock, about one of its sandboxes; and what it says where it refuses.

/** An empty token is none. */
export const adminRequest = (sandbox: string, token: string, method: string, body?: object) => ({
  method,
  headers: {
    'x-mock-sandbox': encodeURIComponent(sandbox),
    'content-type': 'application/json',
    ...(token !== '' && { authorization: `Bearer ${token}` }),
  },
  ...(body && { body: JSON.stringify(body) }),
})

/** What the mock says is wrong; nothing where the text is of another kind. */
export function wrongIn(text: string): string[] {
  try {
    const said = JSON.parse(text) as { errors?: { title: string }[] } | null
    return said?.errors?.map(({ title }) => title) ?? []
  } catch {
    return []
  }
}
