import { describe, expect, it } from 'vitest'
import { ConnectionError } from '../errors.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable } from '../status/readable.ts'
import { checkCommand } from './command-gate.ts'

const CALL = { do: 'call', name: 'clear', args: null } as const
const cause = new ConnectionError('unreachable', 'no network')
const OFFLINE = createReadable<ConnectionStatus>({ state: 'disconnected', attempt: 3, cause })

describe('a command without a connection', () => {
  it('is refused unless the app queues it', () => {
    expect(() => checkCommand(CALL, 'none', OFFLINE)).toThrow(
      expect.objectContaining({ code: 'command-offline' }),
    )
    expect(() => checkCommand(CALL, ['other'], OFFLINE)).toThrow(ConnectionError)
    expect(() => checkCommand(CALL, ['clear'], OFFLINE)).not.toThrow()
    expect(() => checkCommand(CALL, 'all', OFFLINE)).not.toThrow()
  })

  it('waits for a connection that is being made, and rows are never refused', () => {
    for (const status of [{ state: 'idle' }, { state: 'connecting', attempt: 1 }] as const)
      expect(() => checkCommand(CALL, 'none', createReadable<ConnectionStatus>(status))).not.toThrow()
    expect(() => checkCommand({ do: 'mutate', ops: [] }, 'none', OFFLINE)).not.toThrow()
  })
})
