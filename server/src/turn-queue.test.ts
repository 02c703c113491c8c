import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TurnQueue } from './turn-queue.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A queue, and what each of its turns has carried out. */
function queue() {
  const turns: string[][] = []
  const turnQueue = new TurnQueue((run) => {
    turns.push([])
    run()
  })
  const task = (name: string) => ({ weight: 1, run: () => void turns.at(-1)?.push(name) })
  const arrives = (...names: string[]) => {
    for (const name of names) turnQueue.addArrived(task(name))
  }
  /** The event that is on has been heard. */
  const heard = () => Promise.resolve()
  const tick = () => vi.advanceTimersToNextTimerAsync()
  return { turnQueue, turns, task, arrives, heard, tick }
}

test('a message that comes alone is carried out before its event ends, and all that it brings in one turn', async () => {
  const { turns, arrives, heard } = queue()
  arrives('a', 'b')
  expect(turns).toEqual([])
  await heard()
  expect(turns).toEqual([['a', 'b']])
})

test('what comes within a tick of a turn shares the next, and after that the same again', async () => {
  const { turns, arrives, heard, tick } = queue()
  arrives('a')
  await heard()
  for (const name of ['b', 'c']) {
    arrives(name)
    await heard()
  }
  expect(turns).toEqual([['a']])
  await tick()
  expect(turns).toEqual([['a'], ['b', 'c']])
  arrives('d')
  await heard()
  expect(turns).toHaveLength(2)
  await tick()
  expect(turns).toEqual([['a'], ['b', 'c'], ['d']])
})

test('after a tick in which nothing came there is no turn, and the next message waits for none', async () => {
  const { turns, arrives, heard, tick } = queue()
  arrives('a')
  await heard()
  await tick()
  expect([turns, vi.getTimerCount()]).toEqual([[['a']], 0])
  arrives('b')
  await heard()
  expect(turns).toEqual([['a'], ['b']])
})

test('what is written outside of an event waits for the tick, and what arrives meanwhile is in the same turn', async () => {
  const { turnQueue, turns, arrives, heard, tick } = queue()
  turnQueue.wake()
  arrives('a')
  await heard()
  expect(turns).toEqual([])
  await tick()
  expect(turns).toEqual([['a']])
})

test('what is written in the event that brings a message is in its turn, at the tick', async () => {
  const { turnQueue, turns, arrives, heard, tick } = queue()
  arrives('a')
  turnQueue.wake()
  await heard()
  expect(turns).toEqual([])
  await tick()
  expect(turns).toEqual([['a']])
})

test('while it is held nothing is carried out, and everything that came is when it is released', async () => {
  const { turnQueue, turns, arrives, heard, tick } = queue()
  turnQueue.hold()
  arrives('a')
  await heard()
  arrives('b')
  await tick()
  expect(turns).toEqual([])
  turnQueue.release()
  await tick()
  expect(turns).toEqual([['a', 'b']])
})

test('what a task adds runs in the next turn', async () => {
  const { turnQueue, turns, task, heard, tick } = queue()
  turnQueue.addArrived({
    weight: 1,
    run: () => {
      turns.at(-1)?.push('a')
      turnQueue.add(task('b'))
    },
  })
  await heard()
  expect(turns).toEqual([['a']])
  await tick()
  expect(turns).toEqual([['a'], ['b']])
})

test('what was forgotten is not carried out', async () => {
  const { turnQueue, turns, arrives, heard, tick } = queue()
  arrives('a')
  turnQueue.clear()
  await heard()
  await tick()
  expect(turns).toEqual([])
})
