import { ConnectionError, SyncError } from '../errors.ts'
import type { CallWork, Work } from '../outbox/entry.ts'
import type { Written } from '../outbox/written.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable } from '../status/readable.ts'

/** Which commands wait for a connection: all, none, or those of these names. */
export type QueuedCommands = 'all' | 'none' | readonly string[]

export interface CommandGateOptions {
  readonly queued: QueuedCommands
  readonly status: Readable<ConnectionStatus>
  readonly write: (work: Work) => Written
  /** Takes back a write that no socket can have carried; rejects for any other. */
  readonly takeBack: (id: string) => Promise<void>
}

/**
 * Who is offline and calls a command mostly wants its answer now: without being told otherwise, a command is refused while there is no
 * connection, and one that waits for it is refused when it does not come. Where nothing has needed a connection yet, it is kept as it is written, for it is
 * what makes one. One that is queued is kept like any write, and its answer is lost with the page.
 */
export class CommandGate {
  readonly #options: CommandGateOptions

  constructor(options: CommandGateOptions) {
    this.#options = options
  }

  /** @throws ConnectionError `command-offline`, by rejecting; else as the write. */
  async call(work: CallWork): Promise<unknown> {
    const { queued, status, write } = this.#options
    if (queued === 'all' || (queued !== 'none' && queued.includes(work.name))) return write(work).confirmed
    // In the turn of the call where that can be: it takes effect after what was written before it.
    if (isOnItsWay(status.get().state)) await this.#decided()
    if (isOffline(status.get().state)) throw offline(work.name)
    return this.#whileConnected(work)
  }

  /** Resolves when the connection that is being made is there, or does not come. */
  #decided(): Promise<void> {
    const { status } = this.#options
    return new Promise((resolve) => {
      const cancel = status.subscribe(() => {
        if (isOnItsWay(status.get().state)) return
        cancel()
        resolve()
      })
    })
  }

  /** The connection may break before it is sent: then it is taken back. */
  async #whileConnected(work: CallWork): Promise<unknown> {
    const { status, write, takeBack } = this.#options
    const written = write(work)
    let takenBack = false
    const cancel = status.subscribe(() => {
      if (takenBack || !isOffline(status.get().state)) return
      takenBack = true
      takeBack(written.id).catch(() => {
        // It may have been sent, and ends like any write.
      })
    })
    try {
      return await written.confirmed
    } catch (error) {
      throw takenBack && error instanceof SyncError && error.code === 'discarded' ? offline(work.name) : error
    } finally {
      cancel()
    }
  }
}

const isOnItsWay = (state: ConnectionStatus['state']): boolean =>
  state === 'connecting' || state === 'reconnecting'

const isOffline = (state: ConnectionStatus['state']): boolean =>
  state === 'disconnected' || state === 'needs-auth' || state === 'failed'

const offline = (name: string): ConnectionError =>
  new ConnectionError(
    'command-offline',
    `There is no connection for the command "${name}"; name it in \`queueCommands\` to have it sent later`,
  )
