import type { StorageStatus } from '../../client/storage-status.ts'
import type { ConnectionStatus } from '../../status/connection-status.ts'

/** `1 write`, `2 writes`. */
export const countText = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

export function sizeText(units: number): string {
  if (units < 1_000) return `${units} B`
  if (units < 1_000_000) return `${(units / 1_000).toFixed(1)} kB`
  return `${(units / 1_000_000).toFixed(1)} MB`
}

/** Of a time span in milliseconds. A clock that was set back has none. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3_600)} h`
}

/** The time of day, with milliseconds. */
export function clockText(at: number): string {
  const date = new Date(at)
  const two = (part: number) => String(part).padStart(2, '0')
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export function statusText(status: ConnectionStatus): string {
  const attempt = 'attempt' in status && status.attempt > 1 ? `, attempt ${status.attempt}` : ''
  const cause = 'cause' in status ? `: ${status.cause.code}, ${status.cause.message}` : ''
  return `${status.state}${attempt}${cause}`
}

export function storageText({ health, persisted }: StorageStatus): string {
  const why = 'why' in health ? ` (${health.why})` : ''
  const promise = persisted === true ? ', persistent' : persisted === false ? ', may be cleared' : ''
  return `${health.is}${why}${promise}`
}
