// Text as base64 of its UTF-8 bytes; as base64url, and back.

export const encodeBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

export const encodeBase64Url = (text: string): string =>
  encodeBase64(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export const decodeBase64Url = (encoded: string): string =>
  new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(
    Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (byte) => byte.charCodeAt(0)),
  )
