import { describe, expect, it, vi } from 'vitest'
import { ConnectionError, MutationRejectedError } from '../errors.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import { createReadable } from '../status/readable.ts'
import { CommandGate, type QueuedCommands } from './command-gate.ts'

const CLEAR = { do: 'call', name: 'clear', args: null } as const
const cause = new ConnectionError('unreachable', 'no network')
const OFFLINE: ConnectionStatus = { state: 'disconnected', attempt: 3, cause }
const CONNECTED: ConnectionStatus = { state: 'connected', since: 1 }
const refused = expect.objectContaining({ name: 'ConnectionError', code: 'command-offline' })

function setup(initial: ConnectionStatus, queued: QueuedCommands = 'none') {
  const status = createReadable(initial)
  let settle: (error?: Error) => void = () => {}
  const write = vi.fn(() => {
    const confirmed = new Promise<string>((resolve, reject) => {
      settle = (error) => (error ? reject(error) : resolve('done'))
    })
    return { id: 'w', stored: Promise.resolve(1), confirmed }
  })
  const takeBack = vi.fn(async () => settle(new MutationRejectedError('discarded', 'taken back')))
  const gate = new CommandGate({ queued, status, write, takeBack })
  return { gate, status, write, takeBack, settle: () => settle() }
}

describe('a command that is not queued', () => {
  it.each([OFFLINE, { state: 'failed', cause }] as const)(
    'is refused, and not written, while the state is $state',
    async (state) => {
      const { gate, write } = setup(state)
      await expect(gate.call(CLEAR)).rejects.toEqual(refused)
      expect(write).not.toHaveBeenCalled()
    },
  )

  it('is written in the turn of the call where there is a connection, or nothing has needed one yet', () => {
    for (const state of [CONNECTED, { state: 'idle' }] as const) {
      const { gate, write } = setup(state)
      void gate.call(CLEAR)
      expect(write).toHaveBeenCalledOnce()
    }
  })

  it('is written nowhere while a connection is being made, and refused when it does not come', async () => {
    const { gate, status, write } = setup({ state: 'connecting', attempt: 1 })
    const called = gate.call(CLEAR)
    status.set({ state: 'connecting', attempt: 2 })
    status.set(OFFLINE)
    await expect(called).rejects.toEqual(refused)
    expect(write).not.toHaveBeenCalled()
  })

  it('is sent when the connection that is being made is there', async () => {
    const { gate, status, write, settle } = setup({ state: 'reconnecting', attempt: 1, cause })
    const called = gate.call(CLEAR)
    status.set(CONNECTED)
    await vi.waitFor(() => expect(write).toHaveBeenCalledOnce())
    settle()
    expect(await called).toBe('done')
  })

  it('is taken back when the connection is lost before it was sent', async () => {
    const { gate, status } = setup(CONNECTED)
    const called = gate.call(CLEAR)
    status.set({ state: 'reconnecting', attempt: 1, cause })
    status.set(OFFLINE)
    await expect(called).rejects.toEqual(refused)
  })

  it('ends as it ends when it may have been sent, and when the application itself took it back', async () => {
    const sent = setup(CONNECTED)
    sent.takeBack.mockRejectedValue(new Error('it may have been sent'))
    const called = sent.gate.call(CLEAR)
    sent.status.set(OFFLINE)
    sent.settle()
    expect(await called).toBe('done')

    const discarded = setup(CONNECTED)
    const other = discarded.gate.call(CLEAR)
    void discarded.takeBack()
    await expect(other).rejects.toMatchObject({ code: 'discarded' })
  })
})

it('a command that is queued is written whatever the connection', () => {
  for (const queued of ['all', ['clear']] as const) {
    const { gate, write } = setup(OFFLINE, queued)
    void gate.call(CLEAR)
    expect(write).toHaveBeenCalledOnce()
  }
})
