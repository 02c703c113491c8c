import { afterAll, beforeAll, expect, test } from 'vitest'
import { counterexamples } from '../model/counterexamples.ts'
import { createWorld, type World } from '../support/world.ts'
import { replay } from './replayed-trace.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const cases = Object.entries(counterexamples)

test('there are counterexamples to replay', () => {
  expect(cases.length).toBeGreaterThan(20)
})

for (const [i, [name, counterexample]] of cases.entries())
  test(`the real system survives what breaks the model with ${name} [R20]`, async () => {
    await replay(world, `replay-${i}`, counterexample)
  })
