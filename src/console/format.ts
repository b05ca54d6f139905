// How the page writes times, sizes and names.

/** 90 seconds as "1 min 30 s": the two largest units. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const named = parts.filter(([amount]) => amount > 0).map((part) => part.join(' '))
  return named.slice(0, 2).join(' ') || '0 s'
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power]}`
}

export const time = (at: number | string): string => new Date(at).toISOString().slice(11, 19)
export const dateAndTime = (at: number | string): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** `com.vmware.content.library.item.update_session.cancel` as `update_session.cancel`. */
export const shortName = (operation: string): string => operation.split('.').slice(-2).join('.')

/** What was cut is no JSON any more, and stays the text that it is. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
export const pretty = (text: string): string => {
  const value = parsed(text)
  return value === text ? text : JSON.stringify(value, null, 2)
}
