import type { Readable } from '@durable-sync/core'

/** What passed over the sockets of this page. */
export interface Traffic {
  readonly framesIn: number
  readonly framesOut: number
  /** Of the texts, in UTF-8; on the wire it is less, because browsers and Workers compress. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** When the object last had something to do: a frame, in milliseconds since 1970, 0 before the first. A ping is answered in its sleep. */
  readonly lastFrameAt: number
}

export interface TrafficCounter extends Readable<Traffic> {
  readonly count: (way: 'in' | 'out', text: string) => void
}

const utf8 = new TextEncoder()
/** Everything else is `ping` and `pong`. */
const isFrame = (text: string) => text.startsWith('{')

export function trafficCounter(onFrame: () => void): TrafficCounter {
  let traffic: Traffic = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, lastFrameAt: 0 }
  const listeners = new Set<() => void>()
  return {
    get: () => traffic,
    subscribe: (onChange) => {
      const listener = () => onChange()
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    count: (way, text) => {
      const { framesIn, framesOut, bytesIn, bytesOut, lastFrameAt } = traffic
      const bytes = utf8.encode(text).length
      traffic = {
        framesIn: framesIn + (way === 'in' ? 1 : 0),
        framesOut: framesOut + (way === 'out' ? 1 : 0),
        bytesIn: bytesIn + (way === 'in' ? bytes : 0),
        bytesOut: bytesOut + (way === 'out' ? bytes : 0),
        lastFrameAt: isFrame(text) ? Date.now() : lastFrameAt,
      }
      if (isFrame(text)) onFrame()
      for (const listener of [...listeners]) listener()
    },
  }
}
