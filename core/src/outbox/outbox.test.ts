import { describe, expect, it, vi } from 'vitest'
import { memoryDevice } from '../persistence/memory-device.ts'
import type { NewFailure, NewWrite, StoredWrite } from '../persistence/room-storage.ts'
import { type ClientFrame, DEFAULT_LIMITS } from '../wire/index.ts'
import { Outbox } from './outbox.ts'
import type { Settled } from './outbox-event.ts'
import { type WelcomeSays, welcomeFrame } from './testing/outbox-script.ts'
import { roomWriteKeeper } from './testing/room-write-keeper.ts'
import type { WriteKeeper } from './write-keeper.ts'

const room = () => memoryDevice().open('').room('room')

function setup(keeper: Partial<WriteKeeper> = {}, storage = room()) {
  const sent: ClientFrame[] = []
  const settled: Settled[][] = []
  const reported: unknown[] = []
  let ids = 0
  const outbox = new Outbox({
    now: () => 7,
    randomId: () => `id${ids++}`,
    later: () => {},
    keeper: { ...roomWriteKeeper(storage), ...keeper },
    schemaVersion: 1,
    limits: DEFAULT_LIMITS,
    willSend: () => false,
    send: (frame) => sent.push(frame),
    redial: () => {},
    settled: (ended) => settled.push([...ended]),
    stepped: () => {},
    report: (error) => reported.push(error),
  })
  const connect = (says: WelcomeSays = {}) => {
    outbox.welcome(welcomeFrame({ frameBytes: DEFAULT_LIMITS.frameBytes, ...says }))
    outbox.live()
  }
  const pushes = () => sent.flatMap((frame) => (frame.type === 'push' ? frame.items : []))
  /** The receipt of the last write that was sent. */
  const decide = (outcome: 'committed' | 'denied') => {
    const { cid = '', n = 0 } = pushes().at(-1) ?? {}
    const rejected = { is: 'rejected', code: outcome, message: 'no', details: { why: 1 } } as const
    outbox.receipts([{ cid, n, outcome: outcome === 'committed' ? { is: outcome } : rejected }])
  }
  return { outbox, sent, settled, reported, storage, connect, pushes, decide }
}

const work = { do: 'mutate', ops: [{ collection: 'todos', type: 'delete', key: 'a' }] } as const
const soon = () => new Promise((resolve) => setTimeout(resolve, 1))
const failing = () => Promise.reject(new Error('full'))
const storedWrite = (id: string, ord: number, rest: Partial<NewWrite> = {}): StoredWrite => ({
  id,
  cid: 'other',
  n: ord,
  sent: false,
  work,
  schemaVersion: 1,
  queuedAt: 0,
  room: 'room',
  ord,
  ...rest,
})

describe('the outbox', () => {
  it('sends a write only when it is kept', async () => {
    const kept: (() => void)[] = []
    const { outbox, sent, connect } = setup({
      put: (writes) =>
        new Promise((resolve) => {
          kept.push(() => resolve(new Map(writes.map(({ id }, i) => [id, i]))))
        }),
    })
    connect()
    const { stored } = outbox.write(work)
    const heard = vi.fn()
    void stored.then(heard)
    await soon()
    expect(sent).toEqual([])
    expect(heard).not.toHaveBeenCalled()
    for (const keep of kept) keep()
    await vi.waitFor(() => expect(sent).toMatchObject([{ type: 'open' }, { type: 'push' }]))
    expect(heard).toHaveBeenCalled()
  })

  it.each([
    ['rejects', failing],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
  ])('rejects a write whose storage %s, and goes on with the next', async (_, put) => {
    const { outbox, connect, pushes, storage } = setup({
      put: (...args) => (broken ? put() : roomWriteKeeper(storage).put(...args)),
    })
    let broken = true
    connect()
    const { stored, confirmed } = outbox.write(work)
    await expect(stored).rejects.toMatchObject({ code: 'storage-failed' })
    await expect(confirmed).rejects.toMatchObject({ code: 'storage-failed' })
    broken = false
    outbox.write(work)
    await vi.waitFor(() => expect(pushes()).toMatchObject([{ n: 1 }]))
  })

  it('keeps the mark with the write while the link is up, and by itself otherwise', async () => {
    const mark = vi.fn(async () => {})
    const { outbox, connect, pushes } = setup({ mark })
    connect()
    outbox.write(work)
    await vi.waitFor(() => expect(pushes()).toHaveLength(1))
    expect(mark).not.toHaveBeenCalled()
    outbox.lose()
    await outbox.write(work).stored
    connect({ cids: { [pushes()[0]?.cid ?? '']: 1 } })
    await vi.waitFor(() => expect(pushes()).toHaveLength(2))
    expect(mark).toHaveBeenCalledTimes(1)
  })

  it('says of a write that is made and closed in one tick that it was not sent', async () => {
    const { outbox } = setup()
    const { stored, confirmed } = outbox.write(work)
    outbox.close(false)
    await expect(stored).rejects.toMatchObject({ code: 'client-closed-unsent' })
    await expect(confirmed).rejects.toMatchObject({ code: 'client-closed-unsent' })
    await expect(outbox.write(work).stored).rejects.toMatchObject({ code: 'client-closed' })
  })

  it('keeps and sends what one tick wrote at once, however much it is', async () => {
    const put = vi.fn(roomWriteKeeper(room()).put)
    const { outbox, connect, pushes } = setup({ put })
    connect()
    const began = performance.now()
    for (let i = 0; i < 5000; i++) outbox.write(work)
    await vi.waitFor(() => expect(pushes()).toHaveLength(5000))
    expect(put).toHaveBeenCalledTimes(1)
    expect(performance.now() - began).toBeLessThan(2000)
    expect(pushes().map(({ n }) => n)).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1))
  })

  it('settles a write whose storage throws when it shall forget it, and asks it again with the next', async () => {
    const forgotten: string[][] = []
    let broken = true
    const { outbox, sent, connect, decide, reported, pushes } = setup({
      forget: async (ids) => {
        forgotten.push([...ids])
        if (broken) throw new Error('broken')
      },
    })
    connect()
    const { id, confirmed } = outbox.write(work)
    await vi.waitFor(() => expect(sent).toHaveLength(2))
    decide('denied')
    await expect(confirmed).rejects.toMatchObject({ code: 'denied' })
    await soon()
    expect(reported).toHaveLength(1)
    expect(sent.map(({ type }) => type)).not.toContain('seen')
    broken = false
    connect({ cids: { [pushes()[0]?.cid ?? '']: 1 } })
    await vi.waitFor(() => expect(sent.at(-1)?.type).toBe('seen'))
    expect(forgotten).toEqual([[id], [id]])
  })

  it('tells that writes have ended, all at once, before their promises and the storage hear of it', async () => {
    const order: string[] = []
    const { outbox, connect, settled, pushes, storage } = setup()
    connect()
    const writes = [outbox.write(work), outbox.write(work)]
    for (const { id, confirmed } of writes) void confirmed.then(() => order.push(id))
    await vi.waitFor(() => expect(pushes()).toHaveLength(2))
    outbox.receipts(pushes().map(({ cid, n }) => ({ cid, n, outcome: { is: 'committed' } })))
    expect(settled.map((each) => each.map(({ entry }) => entry.id))).toEqual([writes.map(({ id }) => id)])
    expect(order).toEqual([])
    await soon()
    expect(order).toEqual(writes.map(({ id }) => id))
    expect((await storage.load()).writes).toEqual([])
  })

  it('goes on when somebody who is told throws', async () => {
    const { outbox, connect, decide, pushes, reported, settled } = setup()
    settled.push = () => {
      throw new Error('broken')
    }
    connect()
    const { confirmed } = outbox.write(work)
    await vi.waitFor(() => expect(pushes()).toHaveLength(1))
    decide('committed')
    await confirmed
    expect(reported).toHaveLength(1)
  })

  it('shows what is pending at once, under the same reference until it changes [G10]', async () => {
    const { outbox } = setup()
    const heard = vi.fn()
    outbox.pending.subscribe(heard)
    outbox.write(work)
    const shown = outbox.pending.get()
    expect(shown).toMatchObject({ count: 1, oldestAt: 7, items: [{ kind: 'mutation', state: 'queued' }] })
    expect(outbox.pending.get()).toBe(shown)
    expect(heard).toHaveBeenCalled()
    outbox.write(work)
    expect(outbox.pending.get().count).toBe(2)
    expect(outbox.size).toBe(2)
  })

  it('raises no unhandled rejection when nobody waits', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const { outbox } = setup({ put: failing })
    outbox.write(work).stored.catch(() => {})
    outbox.write(work).confirmed.catch(() => {})
    await soon()
    await soon()
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('a page that comes after another', () => {
  it('finds its writes, and sends them in order under their numbers', async () => {
    const storage = room()
    const first = setup({}, storage)
    first.outbox.write(work)
    await first.outbox.write(work).stored
    const next = setup({}, storage)
    const { writes } = await storage.load()
    next.outbox.adopt(writes)
    expect(next.outbox.claims).toEqual([{ cid: writes[0]?.cid, seen: 0 }])
    next.connect({ cids: { [writes[0]?.cid ?? '']: null } })
    await vi.waitFor(() => expect(next.pushes()).toMatchObject([{ n: 1 }, { n: 2 }]))
    expect((await storage.load()).writes.map(({ sent }) => sent)).toEqual([true, true])
  })

  it.each([
    ['read in the storage may have been sent', 'read', true],
    ['told by the page that has just kept it was not', 'told', undefined],
  ] as const)('takes it that a write that was %s', async (_, heard, again) => {
    const { outbox, connect, pushes } = setup()
    connect()
    outbox.adopt([storedWrite('b', 1, { sent: true })], heard)
    await vi.waitFor(() => expect(pushes()).toHaveLength(1))
    expect(pushes()[0]?.again).toBe(again)
  })

  it('does not find what its storage kept although it had said that it could not', async () => {
    const storage = room()
    const { outbox } = setup(
      {
        put: async (writes) => {
          await roomWriteKeeper(storage).put(writes)
          throw new Error('nobody knows')
        },
        forget: failing,
      },
      storage,
    )
    await expect(outbox.write(work).stored).rejects.toMatchObject({ code: 'storage-failed' })
    const { writes } = await storage.load()
    expect(writes).toHaveLength(1)
    outbox.adopt(writes)
    expect(outbox.size).toBe(0)
  })

  it('does not find what could not be kept for sure', async () => {
    const storage = room()
    const { outbox } = setup(
      {
        put: async (writes) => {
          await roomWriteKeeper(storage).put(writes)
          throw new Error('nobody knows')
        },
      },
      storage,
    )
    await expect(outbox.write(work).stored).rejects.toMatchObject({ code: 'storage-failed' })
    await vi.waitFor(async () => expect((await storage.load()).writes).toEqual([]))
  })

  it('finds what the closed client before it had kept', async () => {
    const storage = room()
    const first = setup({}, storage)
    const { stored, confirmed } = first.outbox.write(work)
    await stored
    first.outbox.close(true)
    await expect(confirmed).rejects.toMatchObject({ code: 'client-closed-kept' })
    expect(first.outbox.size).toBe(0)
    expect((await storage.load()).writes).toHaveLength(1)
  })

  it('does not find what a client that was closed meanwhile had said would not be sent', async () => {
    const storage = room()
    const first = setup({}, storage)
    const { confirmed } = first.outbox.write(work)
    await Promise.resolve()
    first.outbox.close(false)
    await expect(confirmed).rejects.toMatchObject({ code: 'client-closed-unsent' })
    await vi.waitFor(async () => expect((await storage.load()).writes).toEqual([]))
  })

  it('finds what was being kept when the client before it was closed, and its application hears that it is kept', async () => {
    const storage = room()
    const first = setup({}, storage)
    const { confirmed } = first.outbox.write(work)
    await Promise.resolve()
    first.outbox.close(true)
    await expect(confirmed).rejects.toMatchObject({ code: 'client-closed-kept' })
    expect((await storage.load()).writes).toHaveLength(1)
  })
})

describe('a tab without a socket', () => {
  it('keeps its writes, sends nothing, and hears from the others how they end', async () => {
    const forget = vi.fn(async () => {})
    const { outbox, sent, settled } = setup({ forget })
    const mine = outbox.write(work)
    await mine.stored
    outbox.adopt([storedWrite('b', 9)], 'told')
    const denied = { is: 'rejected', code: 'denied', message: 'no', details: undefined } as const
    outbox.settledElsewhere([
      { id: mine.id, result: denied },
      { id: 'b', result: { is: 'confirmed', result: undefined } },
    ])
    await expect(mine.confirmed).rejects.toMatchObject({ code: 'denied' })
    expect(settled).toHaveLength(1)
    expect(outbox.size).toBe(0)
    expect(outbox.failed.get()).toMatchObject({ count: 1, items: [{ id: mine.id, code: 'denied' }] })
    expect(sent).toEqual([])
    expect(forget).not.toHaveBeenCalled()
  })

  it('does not take up again what was settled, when it hears of it late', () => {
    const { outbox } = setup()
    outbox.settledElsewhere([{ id: 'b', result: { is: 'confirmed', result: undefined } }])
    outbox.adopt([storedWrite('b', 9)])
    expect(outbox.size).toBe(0)
  })

  it('sends the writes of all when it becomes the one with the socket', async () => {
    const { outbox, connect, pushes } = setup()
    await outbox.write(work).stored
    outbox.adopt([storedWrite('b', 9)], 'told')
    connect()
    await vi.waitFor(() => expect(pushes()).toHaveLength(1))
    outbox.receipts(pushes().map(({ cid, n }) => ({ cid, n, outcome: { is: 'committed' } })))
    await vi.waitFor(() => expect(pushes().at(-1)).toMatchObject({ cid: 'other', n: 9 }))
  })

  it('takes what left the storage unheard for confirmed, or for the failed write that is there', async () => {
    const { outbox } = setup()
    const [a, b] = [outbox.write(work), outbox.write(work)]
    await b.stored
    const failure: NewFailure = {
      id: b.id,
      code: 'denied',
      message: 'no',
      work,
      number: null,
      queuedAt: 0,
      failedAt: 0,
    }
    outbox.gone([a.id, b.id], [{ ...failure, room: 'room' }])
    await expect(a.confirmed).resolves.toBeUndefined()
    await expect(b.confirmed).rejects.toMatchObject({ code: 'denied' })
  })
})
