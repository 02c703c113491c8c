import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Failure, runBatch } from './batch.ts'
import { Builds, type ClientModule } from './build.ts'
import { AIMS, type Aim, type RuleOff } from './rule-off.ts'
import { SoakWorld } from './soak-world.ts'
import { CLIENT_RULES_OFF } from './switched-off-client.ts'
import { SERVER_RULES_OFF } from './switched-off-server.ts'
import { Tally } from './tally.ts'

const SOAK = process.env.DURABLE_SYNC_SOAK !== undefined
/** A rule that is off is tried with so many sets of schedules before it is said that nothing shows it. */
const TRIES = 3
const PATIENCE = { divergedLooks: 50, hangMs: 20_000 }

const builds = new Builds()
let core: ClientModule
let script: string
beforeAll(async () => {
  core = await builds.client()
  script = await builds.worker()
})
afterAll(() => builds.remove())

/** The schedules of an aim. The same seeds whether a rule is on or off. */
const seedsOf = ({ firstSeed, rooms }: Aim, set: number): number[] =>
  Array.from({ length: rooms }, (_, i) => firstSeed + set * rooms + i)

const run = (
  world: SoakWorld,
  client: ClientModule,
  aim: Aim,
  set: number,
  name: string,
): Promise<Failure[]> =>
  runBatch({
    world,
    core: client,
    seeds: seedsOf(aim, set),
    profile: aim.profile,
    processFaults: aim.processFaults,
    tally: new Tally(),
    patience: PATIENCE,
    name,
    afterFailure: name === 'on' ? 'go on' : 'stop',
  })

const setsUsed = new Map<Aim, number>()

async function off({ aim, patches }: RuleOff, side: 'server' | 'client'): Promise<string[]> {
  const world = await SoakWorld.start(side === 'server' ? await builds.worker(patches) : script)
  const client = side === 'client' ? await builds.client(patches) : core
  try {
    for (let set = 0; set < TRIES; set++) {
      setsUsed.set(aim, Math.max(setsUsed.get(aim) ?? 0, set + 1))
      const failures = await run(world, client, aim, set, `off${set}`)
      if (process.env.REPORT) console.log(failures[0]?.report)
      if (failures.length > 0) return failures.map(({ law }) => law)
    }
    return []
  } finally {
    await world.end()
  }
}

const chosen = (rules: readonly RuleOff[]) => rules.filter(({ often }) => SOAK || process.env.ALL || often)

test.each(chosen(SERVER_RULES_OFF))(
  'without the rule that $rule, schedules fail',
  async (rule) => {
    const t = performance.now()
    const laws = await off(rule, 'server')
    console.log(rule.rule, Math.round(performance.now() - t), laws)
    expect(laws).not.toEqual([])
  },
  240_000,
)

test.each(chosen(CLIENT_RULES_OFF))(
  'without the rule that $rule, schedules fail',
  async (rule) => {
    const t = performance.now()
    const laws = await off(rule, 'client')
    console.log(rule.rule, Math.round(performance.now() - t), laws)
    expect(laws).not.toEqual([])
  },
  240_000,
)

test('with all rules on, the same schedules pass', async () => {
  const world = await SoakWorld.start(script)
  for (const aim of AIMS)
    for (let set = 0; set < (setsUsed.get(aim) ?? 0); set++) {
      const t = performance.now()
      const failures = await run(world, core, aim, set, 'on')
      console.log('on', aim.firstSeed, Math.round(performance.now() - t))
      expect(failures).toEqual([])
    }
  await world.end()
}, 600_000)
