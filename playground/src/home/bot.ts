import type { Readable } from '@durable-sync/core'

const SAY_EVERY_MS = 3_000
/** Then it rests, so that one can see the object fall asleep. */
const WRITE_FOR_MS = 60_000

const LINES = [
  'Somebody should water the plants.',
  'The kettle is on.',
  'I have counted the spoons. All of them.',
  'Did you see the fog this morning?',
  'The train was early, for once.',
  'There is cake in the kitchen.',
  'I will be back after lunch.',
  'Who moved the ladder?',
]

export interface Bot {
  /** `resting` until somebody wakes it. */
  readonly state: Readable<'writing' | 'resting'>
  /** It says something at once, and then for a minute. */
  readonly wake: () => void
  readonly rest: () => void
}

/** Somebody who writes without being asked. `say` may reject: then the room has missed nothing but small talk. */
export function createBot(say: (line: string) => Promise<void>): Bot {
  let timer: ReturnType<typeof setInterval> | undefined
  let said = 0
  const listeners = new Set<() => void>()
  const set = (next: ReturnType<typeof setInterval> | undefined) => {
    clearInterval(timer)
    timer = next
    for (const listener of [...listeners]) listener()
  }
  const speak = () => void say(LINES[said++ % LINES.length] ?? '').catch(() => {})
  return {
    state: {
      get: () => (timer === undefined ? 'resting' : 'writing'),
      subscribe: (onChange) => {
        const listener = () => onChange()
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    wake: () => {
      const until = Date.now() + WRITE_FOR_MS
      const next = () => {
        if (Date.now() < until) speak()
        else set(undefined)
      }
      set(setInterval(next, SAY_EVERY_MS))
      speak()
    },
    rest: () => set(undefined),
  }
}
