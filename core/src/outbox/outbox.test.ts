import { describe, expect, it, vi } from 'vitest'
import { memoryStorage } from '../persistence/memory-storage.ts'
import type { Storage, StoredWrite } from '../persistence/storage.ts'
import { type ClientFrame, DEFAULT_LIMITS } from '../wire/index.ts'
import { Outbox } from './outbox.ts'
import { welcome } from './testing/outbox-script.ts'

function setup(storage: Storage = memoryStorage()) {
  const sent: ClientFrame[] = []
  let ids = 0
  const outbox = new Outbox({
    now: () => 7,
    randomId: () => `id${ids++}`,
    later: () => {},
    storage,
    limits: DEFAULT_LIMITS,
    send: (frame) => sent.push(frame),
    redial: () => {},
    stepped: () => {},
    report: () => {},
  })
  const connect = () => {
    const event = welcome()
    if (event.type === 'welcome') outbox.welcome(event.frame)
    outbox.live()
  }
  return { outbox, sent, connect }
}

const work = { do: 'mutate', ops: [{ collection: 'todos', type: 'delete', key: 'a' }] } as const

describe('the outbox', () => {
  it('sends a write only when the storage has kept it', async () => {
    const kept: (() => void)[] = []
    const storage: Storage = {
      ...memoryStorage(),
      putWrite: () => new Promise((resolve) => kept.push(resolve)),
    }
    const { outbox, sent, connect } = setup(storage)
    connect()
    outbox.write(work)
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(sent).toEqual([])
    for (const keep of kept) keep()
    await vi.waitFor(() => expect(sent).toMatchObject([{ type: 'push' }]))
  })

  it('rejects a write that the storage cannot keep', async () => {
    const storage: Storage = { ...memoryStorage(), putWrite: () => Promise.reject(new Error('full')) }
    await expect(setup(storage).outbox.write(work)).rejects.toMatchObject({ code: 'storage-failed' })
  })

  it('rejects a write whose storage throws, and goes on with the next', async () => {
    let broken = true
    const storage: Storage = {
      ...memoryStorage(),
      putWrite: () => {
        if (broken) throw new Error('broken')
        return Promise.resolve()
      },
    }
    const { outbox, sent, connect } = setup(storage)
    connect()
    await expect(outbox.write(work)).rejects.toMatchObject({ code: 'storage-failed' })
    broken = false
    outbox.write(work)
    await vi.waitFor(() => expect(sent).toMatchObject([{ type: 'push' }]))
  })

  it('settles a write whose storage throws when it shall forget it', async () => {
    const storage: Storage = {
      ...memoryStorage(),
      deleteWrites: () => {
        throw new Error('broken')
      },
    }
    const { outbox, sent, connect } = setup(storage)
    connect()
    const done = outbox.write(work)
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    outbox.receipts([{ cid: 'id0', n: 1, outcome: { is: 'committed' } }])
    await done
  })

  it('takes a write out of the storage when it is settled', async () => {
    const puts: StoredWrite[] = []
    const deleted: string[] = []
    const storage: Storage = {
      putWrite: async (write) => void puts.push(write),
      deleteWrites: async (ids) => void deleted.push(...ids),
      close: async () => {},
    }
    const { outbox, sent, connect } = setup(storage)
    connect()
    const done = outbox.write(work)
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    outbox.receipts([{ cid: 'id0', n: 1, outcome: { is: 'committed' } }])
    await done
    expect(deleted).toEqual(puts.map(({ id }) => id))
  })

  it('shows what is pending, under the same reference until it changes [G10]', async () => {
    const { outbox } = setup()
    const heard = vi.fn()
    outbox.pending.subscribe(heard)
    outbox.write(work)
    const shown = outbox.pending.get()
    expect(shown).toMatchObject({ count: 1, oldestAt: 7, items: [{ kind: 'mutation', state: 'queued' }] })
    expect(outbox.pending.get()).toBe(shown)
    expect(heard).toHaveBeenCalled()
  })
})
