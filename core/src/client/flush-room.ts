import type { ConnectionStatus } from '../status/connection-status.ts'
import type { ClientInside } from './client-inside.ts'

/** What becomes of writes that were to be sent. */
export interface FlushSummary {
  /** Of these the server has said what it made of them. Refused ones are among the failed writes. */
  readonly sent: number
  /** These are still to be sent: the server could not be reached, or somebody has to act. They go on by themselves where they can. */
  readonly left: number
}

/** Waiting longer may be in vain. */
const isStuck = ({ state }: ConnectionStatus): boolean =>
  state === 'disconnected' || state === 'needs-auth' || state === 'failed' || state === 'closed'

/** Connects, and waits until the writes are settled, or cannot be for now. Returns how many are left. */
export async function flushRoom(client: ClientInside, ids: ReadonlySet<string>): Promise<number> {
  const { engine, pendingWrites } = client
  await client.whenKnown()
  return new Promise((resolve) => {
    const check = () => {
      const left = pendingWrites.get().items.filter(({ id }) => ids.has(id)).length
      if (left > 0 && !isStuck(engine.status.get())) return
      for (const each of cancel) each()
      resolve(left)
    }
    const cancel = [pendingWrites, engine.status].map(({ subscribe }) => subscribe(check))
    check()
  })
}
