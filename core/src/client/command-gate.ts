import { ConnectionError } from '../errors.ts'
import type { Work } from '../outbox/entry.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable } from '../status/readable.ts'

/** Which commands wait for a connection: all, none, or those of these names. */
export type QueuedCommands = 'all' | 'none' | readonly string[]

/**
 * Who is offline and calls a command mostly wants its answer now: without being told otherwise, a command is refused while there is no
 * connection. One that is queued is kept like any write, and its answer is lost with the page.
 * @throws ConnectionError `command-offline`.
 */
export function checkCommand(work: Work, queued: QueuedCommands, status: Readable<ConnectionStatus>): void {
  if (work.do !== 'call' || queued === 'all') return
  if (queued !== 'none' && queued.includes(work.name)) return
  const { state } = status.get()
  if (state !== 'disconnected' && state !== 'needs-auth' && state !== 'failed') return
  const fix = `name it in \`queueCommands\` to have it sent later`
  throw new ConnectionError(
    'command-offline',
    `There is no connection for the command "${work.name}"; ${fix}`,
  )
}
