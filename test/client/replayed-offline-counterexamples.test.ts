import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { counterexamples } from '../model/offline/counterexamples.ts'
import { createWorld, type World } from '../support/world.ts'
import { PLATFORM } from './offline-replay/browser.ts'
import { replay, type Variant } from './offline-replay/replay.ts'
import { scripts } from './offline-replay/scripts.ts'

let world: World
beforeAll(async () => {
  for (const [name, value] of Object.entries(PLATFORM)) vi.stubGlobal(name, value)
  world = await createWorld()
})
afterAll(async () => {
  await world.stop()
  vi.unstubAllGlobals()
})

const cases = Object.entries(counterexamples)
const SOAK = process.env.DURABLE_SYNC_SOAK === '1'

const variants: readonly (readonly [string, Variant])[] = [
  [
    'with more than one table shown, when everything goes on at the end',
    { tables: 'all', mended: 'goes on' },
  ],
  ['with one table shown, when all tabs crash at the end', { tables: 'one', mended: 'restarts' }],
]

test('every script is of a counterexample that there is', () => {
  expect(Object.keys(scripts).filter((name) => !counterexamples[name])).toEqual([])
  expect(cases.length).toBeGreaterThan(30)
})

/** Half a second each; but one that is cut off in the middle of a restore leaves no object to the others. */
const PATIENT = { timeout: 120_000 }

describe.each(variants.map(([name, variant], v) => ({ name, variant, v })))('$name', ({ variant, v }) => {
  for (const [i, [name, counterexample]] of cases.entries()) {
    // `npm run soak` takes every one both ways.
    if (!SOAK && i % variants.length !== v) continue
    test(`a browser and its object survive what breaks the model with ${name}`, PATIENT, () =>
      replay(world, `offline-${i}-${variant.tables}`, counterexample, { ...scripts[name], ...variant }),
    )
  }
})
