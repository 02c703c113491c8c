import type { Socket } from 'node:net'

interface Late {
  readonly due: number
  readonly write: () => void
}

/** One direction of a proxied connection: bytes and the end of stream in order, later by a delay, and nothing while it is shut. */
export interface Lane {
  readonly shut: () => void
  readonly open: () => void
}

export function lane(from: Socket, to: Socket, delayMs: () => number, isShut: boolean): Lane {
  const waiting: Late[] = []
  let shut = isShut
  let full = false
  const flow = () => (shut || full ? from.pause() : from.resume())

  const pump = () => {
    while (!shut && waiting[0] && waiting[0].due <= performance.now()) waiting.shift()?.write()
  }
  const enqueue = (write: () => void) => {
    // Never before what came before it, also when the delay was just made shorter.
    const due = Math.max(performance.now() + delayMs(), waiting.at(-1)?.due ?? 0)
    waiting.push({ due, write })
    if (due <= performance.now()) pump()
    else setTimeout(pump, Math.ceil(due - performance.now()) + 1)
  }
  from.on('data', (bytes) =>
    enqueue(() => {
      if (to.destroyed || to.write(bytes) || full) return
      full = true
      flow()
      to.once('drain', () => {
        full = false
        flow()
      })
    }),
  )
  from.on('end', () => enqueue(() => to.end()))
  flow()
  return {
    shut: () => {
      shut = true
      flow()
    },
    open: () => {
      shut = false
      flow()
      pump()
    },
  }
}
