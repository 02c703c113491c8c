import { afterAll, describe, expect, it } from 'vitest'
import type { Counterexample } from './counterexample.ts'
import { counterexamples } from './counterexamples.ts'
import { model } from './model.ts'
import type { Property } from './properties.ts'
import { record } from './record.ts'
import { built, invariants } from './rules.ts'
import { randomScenario, type Scenario, type ScenarioName, scenarios } from './scenarios.ts'
import { explore, type Found, follow } from './search.ts'
import { describeTrace } from './trace.ts'
import { variantName, variants } from './variants.ts'

const soak = process.env.DURABLE_SYNC_SOAK === '1'
const recording = process.env.DURABLE_SYNC_RECORD === '1'
const hour = 3_600_000

/** Too large to exhaust in a normal run, which cuts them here; a soak runs to the bound below. */
const large: readonly ScenarioName[] = [
  'reloadOthers',
  'rejected',
  'ninetyDays',
  'awaits',
  'compactionFrozen',
  'restore',
  'restoreReload',
  'restoreDrops',
  'restoreOthers',
  'twoTabs',
  'relay',
  'relayOthers',
  'tabsRestore',
  'frozen',
  'zombie',
  'zombieOthers',
  'zombieRestore',
  'zombieRestoreOthers',
  'zombieRestoreTwo',
  'zombieCompacts',
  'zombieNinetyDays',
  'compactionRestore',
  'signIn',
  'logout',
  'everything',
]
const cutLarge = 4_000
const cutSoak = 1_500_000

const explored: string[] = []
const tell = (name: string, { states, exhausted, broken, trace }: Found): void => {
  const end = broken ? `${broken[0]} broken in ${trace.length} steps` : exhausted ? 'exhausted' : 'cut'
  explored.push(`  ${name.padEnd(48)} ${String(states).padStart(8)} states, ${end}`)
}
afterAll(() => console.log(`States explored:\n${explored.join('\n')}`))

const holds = (name: string, scenario: Scenario, states: number): Found => {
  const found = explore(model(built, scenario), { states })
  tell(name, found)
  expect(found.broken, describeTrace(found.trace)).toBeNull()
  return found
}

describe('offline work, with every rule on', () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    const cut = large.some((one) => one === name)
    it(`every property holds in the scenario ${name}`, { timeout: hour }, () => {
      const found = holds(name, scenario, soak ? cutSoak : cut ? cutLarge : Infinity)
      if (!cut) expect(found.exhausted).toBe(true)
    })
  }
  for (const name of ['power', 'rejectedPower', 'retirePower'] as const)
    it(`a mark that a power loss takes does no harm in ${name}: the server still knows what it ran`, {
      timeout: hour,
    }, () => {
      const found = explore(model({ ...built, markStrict: false }, scenarios[name]))
      tell(`markStrict off in ${name}`, found)
      expect(found.broken, describeTrace(found.trace)).toBeNull()
    })
  for (let seed = 1; soak && seed <= 20; seed++)
    it(`every property holds in the random scenario ${seed}`, { timeout: hour }, () => {
      holds(`random ${seed}`, randomScenario(seed), 200_000)
    })
})

describe('offline work, with a rule off', () => {
  for (const [part, list] of Object.entries(variants)) {
    const found = new Map<string, Counterexample>()
    for (const { off, scenario, long } of list) {
      const name = variantName(off)
      if (long && !soak && !recording) {
        it(`${name}: what is on record goes wrong`, () => {
          const { trace = [], breaks, says } = counterexamples[name] ?? {}
          expect(follow(model({ ...built, ...off }, scenarios[scenario]), trace)).toBe(`${breaks}: ${says}`)
        })
        continue
      }
      it(`${name}: the shortest way to go wrong is the one on record`, { timeout: hour }, () => {
        const result = explore(model({ ...built, ...off }, scenarios[scenario]), { states: 200_000 })
        if (soak || recording) tell(`${name} in ${scenario}`, result)
        const [breaks, ...says] = result.broken?.split(': ') ?? []
        expect(breaks, 'nothing went wrong').toBeDefined()
        const example: Counterexample = {
          off,
          scenario,
          breaks: breaks as Property,
          says: says.join(': '),
          trace: result.trace,
        }
        found.set(name, example)
        if (!recording) expect(example).toEqual(counterexamples[name])
      })
    }
    if (recording) afterAll(() => record(part, found))
  }

  it('every rule is switched off somewhere, and belongs to an invariant', () => {
    const all = Object.values(variants).flat()
    const switched = new Set(all.flatMap(({ off }) => Object.keys(off)))
    expect([...switched].sort()).toEqual(Object.keys(built).sort())
    expect(Object.keys(invariants).sort()).toEqual(Object.keys(built).sort())
  })

  it.skipIf(recording)('no counterexample is kept for a variant that is not looked for', () => {
    const names = Object.values(variants).flatMap((list) => list.map(({ off }) => variantName(off)))
    expect(Object.keys(counterexamples).sort()).toEqual(names.sort())
  })
})
