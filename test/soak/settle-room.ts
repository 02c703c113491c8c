import { pause } from '../support/deadline.ts'
import { judge, LawBroken } from './laws.ts'
import { strikeObject } from './run-step.ts'
import { TABLES } from './schedule.ts'
import { serverWrite, someStatements } from './server-writes.ts'
import { difference, type StoredTables } from './shown-rows.ts'
import type { SoakRoom } from './soak-room.ts'
import { until } from './until.ts'

/** How long is waited, in milliseconds, before a room is given up. */
export interface Patience {
  /** It is quiet, nothing changes any more, and yet a client does not show what the server stores. Looked at so often. */
  readonly divergedLooks: number
  /** It does not become quiet. In milliseconds. */
  readonly hangMs: number
}

/** Whatever a look finds unequal has had so many milliseconds, and as many requests answered, to arrive since the last one. */
const LOOK_AGAIN_MS = 30
const QUIET_MS = 3000

async function storedTables(room: SoakRoom): Promise<StoredTables> {
  const [todos, notes, jobs] = await Promise.all(TABLES.map((table) => room.control('rows', { table })))
  return { todos: todos ?? [], notes: notes ?? [], jobs: jobs ?? [] }
}

/** Lets everything through that is still held up. */
async function mend(room: SoakRoom): Promise<void> {
  for (const tab of room.both) tab.line.mend()
  if (!room.hasUnflushed) return
  // Written past the library, by an object that nobody talks to: told by a flush, or when the object wakes for whatever reason.
  const { world, signal, room: name } = room.options
  for (const tab of room.both) {
    const { status, pendingWrites } = tab.client
    await until([status, pendingWrites], () => tab.isQuiet, QUIET_MS, signal)
  }
  const statements = someStatements(room.dice, 'unflushed', 4)
  await room.tolerantly('the last write', () => serverWrite(world, name, 'unflushed', statements))
  const woken = room.dice.chance(0.6) && (await room.tolerantly('evict', () => strikeObject(room, 'evict')))
  if (!woken) await room.tolerantly('flush', () => room.control('flush', {}))
}

/**
 * Mends everything, waits until it is quiet and every client shows what the server stores, and judges.
 * @throws LawBroken
 */
export async function settleRoom(room: SoakRoom, { divergedLooks, hangMs }: Patience): Promise<void> {
  const { signal, tally } = room.options
  room.note('mend')
  await mend(room)
  const end = Date.now() + hangMs
  let seen = { text: '', looks: 0 }
  for (;;) {
    if (signal.aborted) return
    if (room.both.every((tab) => tab.isQuiet)) {
      const stored = await storedTables(room)
      const different = difference(room.both, stored)
      if (different === null && room.both.every((tab) => tab.isQuiet)) break
      const text = JSON.stringify(stored)
      seen = { text, looks: text === seen.text ? seen.looks + 1 : 0 }
      if (seen.looks > divergedLooks && different !== null) throw new LawBroken('diverged', different)
    } else seen = { text: '', looks: 0 }
    if (Date.now() > end) throw new LawBroken('hang', `not quiet after ${hangMs} ms`)
    await pause(LOOK_AGAIN_MS)
  }
  judge({
    tabs: room.both,
    audit: await room.audit(),
    history: room.history,
    wasPruned: room.wasPruned,
    tally,
  })
  if (room.errors.length > 0) throw new LawBroken('error', room.errors.join('\n'))
}
