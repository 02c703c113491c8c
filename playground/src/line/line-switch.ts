import type { Readable } from '@durable-sync/core'

/** What somebody has done to the way between this browser and the server. */
export interface Line {
  /** `off`: nothing gets through, as on a train. */
  readonly is: 'on' | 'off'
  /** How often it was cut; each cut ends the sockets of that moment, and no others. */
  readonly cuts: number
  /** How long everything takes from one end to the other, in milliseconds, either way. */
  readonly delayMs: number
}

export interface LineSwitch extends Readable<Line> {
  readonly turn: (is: Line['is']) => void
  readonly cut: () => void
  readonly delay: (ms: number) => void
}

const WHOLE: Line = { is: 'on', cuts: 0, delayMs: 0 }

/**
 * The line of one person in this browser. All tabs share one socket, which may be any tab's, so all of them share the switch: it is in the
 * local storage, whose changes the browser tells to all other tabs. It outlives a reload, as being on a train does.
 */
export function sharedLine(name: string): LineSwitch {
  let line = read(name)
  const listeners = new Set<() => void>()
  const become = (next: Line) => {
    line = next
    for (const listener of [...listeners]) listener()
  }
  const set = (next: Line) => {
    try {
      localStorage.setItem(name, JSON.stringify(next))
    } catch {
      // Then it is this tab's alone.
    }
    become(next)
  }
  addEventListener('storage', ({ key }) => {
    if (key === name) become(read(name))
  })
  return {
    get: () => line,
    subscribe: (onChange) => {
      const listener = () => onChange()
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    turn: (is) => set({ ...line, is }),
    cut: () => set({ ...line, cuts: line.cuts + 1 }),
    delay: (delayMs) => set({ ...line, delayMs }),
  }
}

function read(name: string): Line {
  try {
    const { is, cuts, delayMs }: Partial<Line> = JSON.parse(localStorage.getItem(name) ?? '{}')
    return { is: is === 'off' ? 'off' : 'on', cuts: Number(cuts ?? 0), delayMs: Number(delayMs ?? 0) }
  } catch {
    return WHOLE
  }
}
