import { describe, expect, it, vi } from 'vitest'
import { memoryDevice } from '../persistence/memory-device.ts'
import type { NewFailure, RoomStorage } from '../persistence/room-storage.ts'
import { type ClientFrame, DEFAULT_LIMITS, type PushItem } from '../wire/index.ts'
import { FailedList } from './failed-list.ts'
import { Outbox } from './outbox.ts'
import { welcomeFrame } from './testing/outbox-script.ts'
import { roomWriteKeeper } from './testing/room-write-keeper.ts'
import type { WriteKeeper } from './write-keeper.ts'

const DAY_MS = 24 * 3_600_000
const soon = () => new Promise((resolve) => setTimeout(resolve, 1))
const work = {
  do: 'mutate',
  ops: [{ collection: 'todos', type: 'update', key: 'a', cols: { done: true, at: { date: 5 } } }],
} as const

function setup(keeper: Partial<WriteKeeper> = {}) {
  const storage: RoomStorage = memoryDevice().open('').room('room')
  const pushed: PushItem[] = []
  const waiting: (() => void)[] = []
  const led: { by: 'this' | 'another' } = { by: 'this' }
  let ids = 0
  const outbox = new Outbox({
    now: () => 7,
    randomId: () => `id${ids++}`,
    later: (task) => void waiting.push(task),
    keeper: { ...roomWriteKeeper(storage), ...keeper },
    schemaVersion: 1,
    limits: DEFAULT_LIMITS,
    leads: () => led.by === 'this',
    willSend: () => false,
    send: (frame: ClientFrame) => void (frame.type === 'push' && pushed.push(...frame.items)),
    redial: () => {},
    settled: () => {},
    stepped: () => {},
    report: () => {},
  })
  outbox.welcome(welcomeFrame({ frameBytes: DEFAULT_LIMITS.frameBytes }))
  outbox.live()
  const denied = async () => {
    const { id, confirmed } = outbox.write(work, [{ done: false, at: null }])
    await vi.waitFor(() => expect(pushed).toHaveLength(1))
    const { cid = '', n = 0 } = pushed.at(-1) ?? {}
    outbox.receipts([{ cid, n, outcome: { is: 'rejected', code: 'denied', message: 'no', details: [1] } }])
    await expect(confirmed).rejects.toMatchObject({ code: 'denied' })
    return id
  }
  const failed = async () => (await storage.load()).failed.map(({ id }) => id)
  return { outbox, storage, pushed, waiting, led, denied, failed }
}

const failure = (id: string, failedAt: number, rest: Partial<NewFailure> = {}): NewFailure => ({
  id,
  code: 'denied',
  message: 'no',
  work,
  number: null,
  queuedAt: 0,
  failedAt,
  ...rest,
})

describe('a write that failed', () => {
  it('is shown with what it wanted and what was there, and kept', async () => {
    const { outbox, denied, failed } = setup()
    const id = await denied()
    expect(outbox.failed.get()).toEqual({
      count: 1,
      items: [
        {
          id,
          kind: 'mutation',
          ops: [
            {
              collection: 'todos',
              type: 'update',
              key: 'a',
              values: { done: true, at: new Date(5) },
              previous: { done: false, at: null },
            },
          ],
          command: null,
          code: 'denied',
          message: 'no',
          details: [1],
          queuedAt: 7,
          failedAt: 7,
        },
      ],
    })
    await soon()
    expect(await failed()).toEqual([id])
  })

  it('is written again as another write, in whose transaction it goes', async () => {
    const { outbox, storage, denied, pushed } = setup()
    const id = await denied()
    await soon()
    const commit = vi.spyOn(storage, 'commit')
    const again = outbox.retry(id)
    expect(outbox.failed.get().count).toBe(0)
    expect(() => outbox.retry(id)).toThrow(expect.objectContaining({ code: 'failed-write-unknown' }))
    await again.stored
    expect(commit.mock.calls[0]?.[0]).toMatchObject({
      putWrites: [{ id: again.id, work }],
      deleteFailed: [id],
    })
    expect(again.id).not.toBe(id)
    await vi.waitFor(() => expect(pushed).toMatchObject([{ n: 1 }, { n: 2, do: 'mutate', ops: work.ops }]))
  })

  it('is there again when its next try could not be kept', async () => {
    let broken = false
    const storage = memoryDevice().open('').room('room')
    const { outbox, denied } = setup({
      put: (...args) => (broken ? Promise.reject(new Error('full')) : roomWriteKeeper(storage).put(...args)),
    })
    const id = await denied()
    broken = true
    await expect(outbox.retry(id).stored).rejects.toMatchObject({ code: 'storage-failed' })
    expect(outbox.failed.get().items.map((item) => item.id)).toEqual([id])
  })

  it('goes when it is discarded, also if it is not kept yet, and is not found again', async () => {
    let keep = () => {}
    const kept = new Promise<void>((resolve) => {
      keep = resolve
    })
    const { outbox, denied, storage, failed } = setup({
      forget: async (deleteWrites, putFailed) => {
        await kept
        await storage.commit({ deleteWrites, putFailed })
      },
    })
    const id = await denied()
    await outbox.discard(id)
    keep()
    await soon()
    expect(await failed()).toEqual([])
    outbox.adoptFailed([failure(id, 7)])
    expect(outbox.failed.get().count).toBe(0)
  })

  it('that cannot be read is shown, and can only be discarded', async () => {
    const { outbox } = setup()
    const number = { cid: 'other', n: 1 }
    outbox.adoptFailed([failure('x', 7, { work: null, raw: '{', number, code: 'write-unreadable' })])
    expect(outbox.failed.get().items).toMatchObject([{ id: 'x', kind: 'unreadable', ops: [] }])
    expect(() => outbox.retry('x')).toThrow(expect.objectContaining({ code: 'write-unreadable' }))
    await outbox.discard('x')
    expect(outbox.failed.get().count).toBe(0)
  })
})

describe('the list of failed writes', () => {
  it('has at most 200, and lets the oldest go from the storage too', async () => {
    const dropped: string[] = []
    const { outbox } = setup({ dropFailed: async (ids) => void dropped.push(...ids) })
    const many = Array.from({ length: 203 }, (_, i) => ({ ...failure(`f${i}`, i), room: 'room' }))
    outbox.adoptFailed(many)
    expect(outbox.failed.get().count).toBe(200)
    expect(dropped).toEqual(['f0', 'f1', 'f2'])
  })

  it('keeps them for 30 days', () => {
    const list = new FailedList()
    expect(list.add([failure('old', 0), failure('new', DAY_MS)], 30 * DAY_MS + 1)).toEqual(['old'])
    expect(list.shown.get().items.map(({ id }) => id)).toEqual(['new'])
  })

  it('does not show what the application took back itself', () => {
    const list = new FailedList()
    list.add([failure('a', 0, { code: 'discarded', work: null })], 0)
    expect(list.shown.get().count).toBe(0)
    expect(list.add([failure('b', DAY_MS)], DAY_MS + 1)).toEqual(['a'])
  })
})

describe('a pending write', () => {
  it('is taken back as long as it was not sent, and leaves a trace', async () => {
    const { outbox, storage } = setup()
    outbox.lose()
    const { id, confirmed } = outbox.write(work)
    await outbox.discardPending(id)
    await expect(confirmed).rejects.toMatchObject({ name: 'MutationRejectedError', code: 'discarded' })
    await soon()
    const { writes, failed } = await storage.load()
    expect(writes).toEqual([])
    expect(failed).toMatchObject([{ id, code: 'discarded', work: null }])
    expect(outbox.failed.get().count).toBe(0)
  })

  it('is neither sent nor gone until it is kept that it is taken back, which is tried again', async () => {
    let broken = true
    const { outbox, storage, pushed, waiting } = setup({
      forget: async (deleteWrites, putFailed) => {
        await storage.commit({ deleteWrites, putFailed })
        if (broken) throw new Error('nobody knows')
      },
    })
    outbox.lose()
    const { id } = outbox.write(work)
    const back = outbox.discardPending(id)
    await soon()
    outbox.welcome(welcomeFrame({ frameBytes: DEFAULT_LIMITS.frameBytes }))
    outbox.live()
    await soon()
    expect(outbox.size).toBe(1)
    broken = false
    for (const task of waiting) task()
    await back
    expect(outbox.size).toBe(0)
    expect(pushed).toEqual([])
  })

  it('is not taken back by a tab that does not know what was sent', async () => {
    const { outbox, led } = setup()
    outbox.lose()
    const { id } = outbox.write(work)
    led.by = 'another'
    await expect(outbox.discardPending(id)).rejects.toMatchObject({ code: 'write-sent' })
    led.by = 'this'
    await outbox.discardPending(id)
    expect(outbox.size).toBe(0)
  })

  it('is not taken back any more when a socket has carried it', async () => {
    const { outbox, pushed } = setup()
    const { id } = outbox.write(work)
    await vi.waitFor(() => expect(pushed).toHaveLength(1))
    await expect(outbox.discardPending(id)).rejects.toMatchObject({
      name: 'ProtocolError',
      code: 'write-sent',
    })
    outbox.lose()
    await expect(outbox.discardPending(id)).rejects.toMatchObject({ code: 'write-sent' })
    expect(outbox.size).toBe(1)
  })
})
