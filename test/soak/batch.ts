import { setMaxListeners } from 'node:events'
import type { ClientModule } from './build.ts'
import { Dice } from './dice.ts'
import type { ProcessFault } from './fault-kind.ts'
import { LawBroken } from './laws.ts'
import { Restores } from './restores.ts'
import { runStep } from './run-step.ts'
import { type Profile, scheduleOf } from './schedule.ts'
import { type Patience, settleRoom } from './settle-room.ts'
import { SoakRoom } from './soak-room.ts'
import type { SoakWorld } from './soak-world.ts'
import type { Tally } from './tally.ts'

export interface BatchOptions {
  readonly world: SoakWorld
  readonly core: ClientModule
  /** One room each. */
  readonly seeds: readonly number[]
  readonly profile: Profile
  /** They strike all rooms at once, in this order. */
  readonly processFaults: readonly ProcessFault[]
  readonly tally: Tally
  readonly patience: Patience
  /** Tells this batch's rooms from those of another one in the same world. */
  readonly name: string
  /** What to do after a room has failed. */
  readonly afterFailure: 'go on' | 'stop'
}

export interface Failure {
  readonly seed: number
  readonly law: string
  /** Everything there is to know. */
  readonly report: string
}

/** Runs one schedule in each of many rooms at the same time. Returns what failed. */
export async function runBatch(options: BatchOptions): Promise<Failure[]> {
  const { world, core, seeds, profile, processFaults, tally, patience, name, afterFailure } = options
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const failures: Failure[] = []
  const dice = new Dice(seeds[0] ?? 0)
  const open = new Set<SoakRoom>()
  const restores = new Restores(world, dice.fork())

  const failed = (seed: number, error: unknown, room?: SoakRoom) => {
    failures.push({ seed, ...reportOf(error, room) })
    if (room) open.delete(room)
    if (afterFailure === 'stop') stop.abort()
  }
  /** The same in every room that has not failed yet. */
  const everywhere = async (act: (room: SoakRoom) => Promise<void>) => {
    await Promise.all(
      [...open].map(async (room) => {
        try {
          if (!stop.signal.aborted) await act(room)
        } catch (error) {
          failed(room.options.schedule.seed, error, room)
        }
      }),
    )
  }

  const rooms: SoakRoom[] = []
  await Promise.all(
    seeds.map(async (seed) => {
      const schedule = scheduleOf(seed, processFaults.length + 1, profile)
      const room = `${name}-${seed}`
      try {
        const opened = await SoakRoom.open({
          world,
          core,
          room,
          schedule,
          profile,
          tally,
          signal: stop.signal,
        })
        rooms.push(opened)
        open.add(opened)
      } catch (error) {
        failed(seed, error)
      }
    }),
  )
  for (let i = 0; i <= processFaults.length; i++) {
    if (processFaults.slice(i).includes('restore')) await restores.copy([...open])
    await everywhere(async (room) => {
      for (const step of room.options.schedule.segments[i] ?? []) {
        if (stop.signal.aborted) return
        await runStep(room, step)
        tally.steps++
      }
    })
    const fault = processFaults[i]
    if (fault === undefined || stop.signal.aborted) break
    await restores.strike(fault, [...open])
  }
  await everywhere((room) => settleRoom(room, patience))
  tally.schedules += open.size
  for (const room of rooms)
    tally.reconnects += room.both.reduce((sum, tab) => sum + tab.connections.length, 0)
  await Promise.all(
    rooms.map((room) => room.close().catch((error: unknown) => failed(room.options.schedule.seed, error))),
  )
  return failures
}

function reportOf(error: unknown, room: SoakRoom | undefined): Omit<Failure, 'seed'> {
  const law = error instanceof LawBroken ? error.law : 'error'
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (!room) return { law, report: what }
  const tabs = room.both.flatMap((tab) => [
    `client ${tab.name}: ${JSON.stringify(tab.describe(), null, 1)}`,
    ...tab.line.lastWords(40, error instanceof LawBroken ? error.about : null),
  ])
  const report = [
    `seed ${room.options.schedule.seed}: ${what}`,
    'steps:',
    ...room.diary,
    ...tabs,
    `reported: ${room.errors.join('\n')}`,
    `workerd: ${room.options.world.lastWords}`,
  ].join('\n')
  return { law, report }
}
