import { expect, test } from 'vitest'
import { runBatch } from './batch.ts'
import { Builds } from './build.ts'
import { EVERYTHING } from './schedule.ts'
import { SoakWorld } from './soak-world.ts'
import { Tally } from './tally.ts'

test('try', async () => {
  const builds = new Builds()
  const core = await builds.client()
  const world = await SoakWorld.start(await builds.worker())
  const tally = new Tally()
  const n = Number(process.env.N ?? 4)
  const from = Number(process.env.SEED ?? 1)
  const t = performance.now()
  const cpu = process.cpuUsage()
  const failures = await runBatch({
    world,
    core,
    name: 'try',
    tally,
    afterFailure: 'go on',
    profile: EVERYTHING,
    seeds: Array.from({ length: n }, (_, i) => i + from),
    processFaults: ['restart', 'restore', 'kill', 'restore'].slice(0, Number(process.env.P ?? 2)) as never,
    patience: { divergedLooks: 60, hangMs: 60000 },
  })
  const used = process.cpuUsage(cpu)
  console.log(performance.now() - t, 'ms', used.user / 1e6, used.system / 1e6)
  console.log(tally.text())
  for (const f of failures) console.log(f.seed, f.law)
  for (const f of failures) console.log(f.report)
  if (tally.schedules === 0) console.log(failures)
  await world.end()
  await builds.remove()
  expect(failures.length).toBe(0)
}, 600_000)
