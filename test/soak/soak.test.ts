import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Failure, runBatch } from './batch.ts'
import { Builds, type ClientModule } from './build.ts'
import { FAULTS, type ProcessFault } from './fault-kind.ts'
import { EVERYTHING } from './schedule.ts'
import { SoakWorld } from './soak-world.ts'
import { Tally } from './tally.ts'

const SOAK = process.env.DURABLE_SYNC_SOAK !== undefined
/** `SEED=4711 npx vitest run test/soak/soak.test.ts` runs what failed with that number again. */
const SEED = Number(process.env.SEED ?? 1)
const SCHEDULES = Number(process.env.SCHEDULES ?? (SOAK ? 1000 : 120))
/** Schedules that run at the same time, in one process. */
const ROOMS = 40
/** Every kind of fault strikes at least so often while a write is on its way. */
const IN_FLIGHT = 50
const PROCESS_FAULTS: readonly (readonly ProcessFault[])[] = [
  ['restart', 'restore'],
  ['kill', 'restore'],
  ['restart', 'kill'],
]
/** Less than the 30 s after which a client gives up a silent server: nothing may need that. */
const PATIENCE = { divergedLooks: 80, hangMs: 25_000 }

const builds = new Builds()
let core: ClientModule
let world: SoakWorld
beforeAll(async () => {
  core = await builds.client()
  world = await SoakWorld.start(await builds.worker())
}, 60_000)
afterAll(async () => {
  await world.end()
  await builds.remove()
})

const unhandled: unknown[] = []
const keep = (error: unknown) => void unhandled.push(error)
beforeEach(() => void process.on('unhandledRejection', keep))
afterEach(() => void process.off('unhandledRejection', keep))

const summary = (failures: readonly Failure[]): string =>
  failures
    .map(({ report }) => report)
    .slice(0, 2)
    .join('\n\n')

test('whatever happens, clients end equal to the server, and every write happens once or is accounted for', async () => {
  const tally = new Tally()
  const failures: Failure[] = []
  const began = performance.now()
  for (let done = 0; done < SCHEDULES && failures.length === 0; done += ROOMS) {
    const batch = done / ROOMS
    failures.push(
      ...(await runBatch({
        world,
        core,
        seeds: Array.from({ length: Math.min(ROOMS, SCHEDULES - done) }, (_, i) => SEED + done + i),
        profile: EVERYTHING,
        processFaults: PROCESS_FAULTS[batch % PROCESS_FAULTS.length] ?? [],
        tally,
        patience: PATIENCE,
        name: `soak-${batch}`,
        afterFailure: 'go on',
      })),
    )
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`soak: seeds ${SEED} to ${SEED + SCHEDULES - 1}, ${seconds} s\n${tally.text()}`)
  expect(summary(failures)).toBe('')
  expect(unhandled).toEqual([])
  const rare = FAULTS.filter((kind) => tally.inFlight(kind) < Math.min(IN_FLIGHT, SCHEDULES / 4))
  expect(rare, 'faults that hit too few writes in flight').toEqual([])
}, 3_600_000)
