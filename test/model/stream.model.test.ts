import { afterAll, describe, expect, it } from 'vitest'
import { explore, type Found } from './checker.ts'
import type { Counterexample } from './counterexample.ts'
import { counterexamples } from './counterexamples.ts'
import { model } from './model.ts'
import type { Property } from './properties.ts'
import { record } from './record.ts'
import { built } from './rules.ts'
import { randomScenario, type Scenario, type ScenarioName, scenarios } from './scenarios.ts'
import { describeTrace } from './trace.ts'
import { variantName, variants, withoutCounterexample } from './variants.ts'

const soak = process.env.DURABLE_SYNC_SOAK === '1'
const recording = process.env.DURABLE_SYNC_RECORD === '1'
const hour = 3_600_000

/** Too large to exhaust in a normal run, which cuts them here; a soak runs to the bound below. */
const large: readonly ScenarioName[] = [
  'retention',
  'restore',
  'restorePages',
  'restoreOwn',
  'wipe',
  'everything',
]
const cutLarge = 25_000
const cutSoak = 5_000_000

const explored: string[] = []
const tell = (name: string, { states, exhausted, broken, trace }: Found): void => {
  const end = broken ? `${broken[0]} broken in ${trace.length} steps` : exhausted ? 'exhausted' : 'cut'
  explored.push(`  ${name.padEnd(34)} ${String(states).padStart(8)} states, ${end}`)
}
afterAll(() => console.log(`States explored:\n${explored.join('\n')}`))

const holds = (name: string, scenario: Scenario, states: number): Found => {
  const found = explore(model(built, scenario), { states, exact: true })
  tell(name, found)
  expect(found.broken, describeTrace(found.trace)).toBeNull()
  return found
}

describe('with every rule on', () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    const cut = large.some((one) => one === name)
    it(`every property holds in the scenario ${name}`, { timeout: hour }, () => {
      const found = holds(name, scenario, soak ? cutSoak : cut ? cutLarge : Infinity)
      if (!cut) expect(found.exhausted).toBe(true)
    })
  }
  for (let seed = 1; soak && seed <= 20; seed++)
    it(`every property holds in the random scenario ${seed}`, { timeout: hour }, () => {
      holds(`random ${seed}`, randomScenario(seed), 200_000)
    })
})

describe('with a rule off', () => {
  for (const [part, list] of Object.entries(variants)) {
    const found = new Map<string, Counterexample>()
    for (const { off, scenario } of list) {
      const name = variantName(off)
      it(`${name}: the shortest way to go wrong is the one on record`, { timeout: hour }, () => {
        const result = explore(model({ ...built, ...off }, scenarios[scenario]), { states: 200_000 })
        if (soak) tell(name, result)
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

  it.skipIf(recording)('no counterexample is kept for a variant that is not looked for', () => {
    const names = Object.values(variants).flatMap((list) => list.map(({ off }) => variantName(off)))
    expect(Object.keys(counterexamples).sort()).toEqual(names.sort())
  })

  if (soak)
    for (const { off, because } of withoutCounterexample)
      for (const [name, scenario] of Object.entries(scenarios))
        it(`${variantName(off)}: nothing goes wrong in ${name}, because ${because}`, {
          timeout: hour,
        }, () => {
          const found = explore(model({ ...built, ...off }, scenario), { states: 300_000 })
          tell(`${variantName(off)} in ${name}`, found)
          expect(found.broken, describeTrace(found.trace)).toBeNull()
        })
})
