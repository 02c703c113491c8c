import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Failure, runBatch } from './batch.ts'
import { Builds, type ClientModule } from './build.ts'
import type { Aim, RuleOff } from './rule-off.ts'
import { SoakWorld } from './soak-world.ts'
import { CLIENT_RULES_OFF } from './switched-off-client.ts'
import { SERVER_RULES_OFF } from './switched-off-server.ts'
import { Tally } from './tally.ts'

const SOAK = process.env.DURABLE_SYNC_SOAK !== undefined
/** A rule that is off is tried with so many sets of schedules before it is said that nothing shows it. */
const TRIES = 4
const PATIENCE = { divergedLooks: 50, hangMs: 25_000 }

const builds = new Builds()
/** Everything as it is. */
let core: ClientModule
let world: SoakWorld
beforeAll(async () => {
  core = await builds.client()
  world = await SoakWorld.start(await builds.worker())
}, 60_000)
afterAll(async () => {
  await world.end()
  await builds.remove()
  console.log(`rules switched off, and what showed it:\n${found.join('\n')}`)
})

const found: string[] = []
/** How many sets of an aim's schedules were needed; with all rules on, the same ones must pass. */
const needed = new Map<Aim, number>()

const seedsOf = ({ firstSeed, rooms }: Aim, set: number): number[] =>
  Array.from({ length: rooms }, (_, i) => firstSeed + set * rooms + i)

interface Subject {
  readonly world: SoakWorld
  readonly core: ClientModule
  /** Rooms of several runs live in one world. */
  readonly name: string
}

const run = (subject: Subject, aim: Aim, set: number, afterFailure: 'go on' | 'stop'): Promise<Failure[]> =>
  runBatch({
    ...subject,
    seeds: seedsOf(aim, set),
    profile: aim.profile,
    processFaults: aim.processFaults,
    tally: new Tally(),
    patience: PATIENCE,
    afterFailure,
  })

/** The laws that were broken by the first schedules that broke any. */
async function brokenLaws(subject: Subject, { aim }: RuleOff): Promise<string[]> {
  for (let set = 0; set < TRIES; set++) {
    needed.set(aim, Math.max(needed.get(aim) ?? 0, set + 1))
    const failures = await run({ ...subject, name: `${subject.name}-${set}` }, aim, set, 'stop')
    if (failures.length > 0) return [...new Set(failures.map(({ law }) => law))]
  }
  return []
}

function expectBroken({ rule }: RuleOff, laws: readonly string[]): void {
  found.push(`  ${rule}: ${laws.join(', ') || 'nothing'}`)
  expect(laws).not.toEqual([])
}

/** The quick ones always, all of them in the soak. */
const due = (rules: readonly RuleOff[]) =>
  rules.filter(({ often }) => SOAK || often).map((off, i) => ({ ...off, off, name: `off-${i}` }))

test.each(due(SERVER_RULES_OFF))(
  'schedules fail when a server breaks the rule that $rule',
  async ({ off }) => {
    const broken = await SoakWorld.start(await builds.worker(off.patches))
    try {
      expectBroken(off, await brokenLaws({ world: broken, core, name: 'off' }, off))
    } finally {
      await broken.end()
    }
  },
  300_000,
)

test.each(due(CLIENT_RULES_OFF))(
  'schedules fail when a client breaks the rule that $rule',
  async ({ off, name }) => {
    const broken = await builds.client(off.patches)
    expectBroken(off, await brokenLaws({ world, core: broken, name }, off))
  },
  300_000,
)

test('the same schedules pass with all rules kept', async () => {
  for (const [aim, sets] of needed) {
    for (let set = 0; set < sets; set++) {
      const failures = await run({ world, core, name: `on-${set}` }, aim, set, 'go on')
      expect(failures.map(({ report }) => report).join('\n')).toBe('')
    }
  }
}, 900_000)
