import { deadline, pause } from '../support/deadline.ts'
import { type Step, TABS } from './schedule.ts'
import { serverWrite, someStatements } from './server-writes.ts'
import type { SoakRoom } from './soak-room.ts'
import { until } from './until.ts'

/** How long a client is given to get rid of its writes in the middle of a schedule, in milliseconds. */
const SETTLE_MS = 250
const EVICT_MS = 3000

/** Does one step in a room. What it breaks is mended later. */
export async function runStep(room: SoakRoom, step: Step): Promise<void> {
  const { dice, tabs, writers, options } = room
  const { world, signal } = options
  room.note(JSON.stringify(step))
  switch (step.do) {
    case 'write':
      for (let i = 0; i < step.writes; i++) writers[step.tab].any()
      break
    case 'server write': {
      const { how } = step
      const statements = someStatements(dice, how, step.statements)
      if (how === 'unflushed') room.hasUnflushed = true
      await room.tolerantly('the write', () => serverWrite(world, options.room, how, statements))
      break
    }
    case 'mount':
      tabs[step.tab].mount(step.table)
      break
    case 'settle': {
      const { client } = tabs[step.tab]
      const { pendingWrites } = client
      await until([pendingWrites], () => pendingWrites.get().count === 0, SETTLE_MS, signal)
      break
    }
    case 'pause':
      await pause(step.ms)
      break
    case 'drop':
      await room.makeBusy(step.tab)
      room.count('drop', tabs[step.tab].isBusy)
      tabs[step.tab].line.drop()
      break
    case 'cut':
      tabs[step.tab].line.cutAfter(step.frame, step.arrives)
      await room.makeBusy(step.tab)
      break
    case 'swallow':
    case 'lose':
      tabs[step.tab].line.trap(step.do)
      await room.makeBusy(step.tab)
      break
    case 'delay':
      await room.connected(step.tab)
      tabs[step.tab].line.delay(step.way)
      await room.makeBusy(step.tab)
      break
    case 'release':
      room.count('delay', tabs[step.tab].isBusy)
      tabs[step.tab].line.open()
      break
    case 'away':
      await room.makeBusy(step.tab)
      room.count('away', tabs[step.tab].isBusy)
      tabs[step.tab].line.away()
      break
    case 'back':
      tabs[step.tab].line.open()
      break
    case 'crash':
      await room.connected(step.tab)
      await room.sent(step.tab, () => writers[step.tab].one('crashing job'))
      room.count('crash', tabs[step.tab].isBusy)
      break
    case 'evict':
    case 'abort':
    case 'compact':
    case 'prune':
    case 'wipe':
      await struck(room, step.do)
      break
    default:
      step satisfies never
  }
}

/** A fault of the object, while a client is busy. It counts only if it came about. */
async function struck(room: SoakRoom, fault: ObjectFault): Promise<void> {
  await room.makeBusy(room.dice.pick(TABS))
  const inFlight = room.isBusy
  if (await room.tolerantly(fault, () => strikeObject(room, fault))) room.count(fault, inFlight)
}

type ObjectFault = 'evict' | 'abort' | 'compact' | 'prune' | 'wipe'

/** @throws Error when the object ended by itself meanwhile. */
export async function strikeObject(room: SoakRoom, fault: ObjectFault): Promise<void> {
  switch (fault) {
    case 'evict':
      // An object that is ending by itself is waited for as long as 30 s.
      await deadline(room.control('evict', { webSockets: 'hibernate' }), EVICT_MS, 'the eviction')
      break
    case 'abort':
      await room.control('abort', {})
      break
    case 'compact':
      await room.control('compact', {})
      break
    case 'prune':
      room.wasPruned = true
      await room.control('prune', { before: Number.MAX_SAFE_INTEGER })
      break
    case 'wipe': {
      const begun = room.history.change(new Set())
      await room.control('deleteAll', {})
      await room.control('abort', {})
      // The next instance makes its tables anew when somebody asks for it.
      await room.control('stats', {})
      begun()
      break
    }
    default:
      fault satisfies never
  }
}
