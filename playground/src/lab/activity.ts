/** Which object has something to do. */
export interface Busy {
  readonly page: string
  readonly room: string
}

const channel = new BroadcastChannel('durable-sync-lab:activity')
/** One word in this time is enough for whoever listens, in milliseconds. */
const QUIET_MS = 500
let saidAt = 0

/** Tells the windows of this browser that a frame passed between a pane and its object. */
export function tellActivity({ page, room }: Busy): void {
  if (Date.now() - saidAt < QUIET_MS) return
  saidAt = Date.now()
  channel.postMessage({ page, room } satisfies Busy)
}

/** Calls `heard` when a frame passed in another window. */
export function onActivity(heard: (busy: Busy) => void): () => void {
  const listener = ({ data }: MessageEvent<Busy>) => heard(data)
  channel.addEventListener('message', listener)
  return () => channel.removeEventListener('message', listener)
}
