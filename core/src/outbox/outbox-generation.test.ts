import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OutboxWorld, settle } from './testing/outbox-world.ts'

type Step = (world: OutboxWorld) => unknown

const step = (name: string, run: Step): fc.Arbitrary<Step> =>
  fc.constant(Object.assign(run, { toString: () => name }))
const which = fc.nat({ max: 7 })

const steps: fc.Arbitrary<Step>[] = [
  which.map((i) => Object.assign((world: OutboxWorld) => world.write(i), { toString: () => `write ${i}` })),
  step('store', (world) => world.storage.finish()),
  step('serve', (world) => world.serve()),
  step('hear', (world) => world.hear()),
]
const rare: fc.Arbitrary<Step>[] = [
  step('connect', (world) => world.connect()),
  step('drop', (world) => world.drop()),
  step('open', (world) => world.pages < 3 && world.open()),
  step('crash', (world) => world.crash('does not happen')),
  step('crash after', (world) => world.crash('happens')),
  step('rest', (world) => world.rest()),
  step('save', (world) => world.save()),
  step('restore', (world) => world.restore()),
  step('fail', (world) => {
    world.storage.failNext = 'not kept'
  }),
  step('fail although kept', (world) => {
    world.storage.failNext = 'kept'
  }),
  which.map((i) =>
    Object.assign((world: OutboxWorld) => world.discard(i), { toString: () => `discard ${i}` }),
  ),
]
const script = fc.array(fc.oneof(...steps.map((arbitrary) => ({ arbitrary, weight: 6 })), ...rare), {
  minLength: 10,
  maxLength: 80,
  size: 'max',
})

async function play(script: readonly Step[]): Promise<OutboxWorld> {
  const world = new OutboxWorld()
  await settle()
  await world.connect()
  for (const each of script) {
    await each(world)
    await settle()
  }
  await world.finish()
  return world
}

const RUNS = Number(process.env.OUTBOX_RUNS ?? 300)

it('runs every kept write once and in order, or says what became of it, whatever happens [R7, R20]', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (script) => {
      const { server, stored, endings, ranEver, taken, opened } = await play(script)
      const { ran } = server.history
      expect(server.broken).toEqual([])
      expect(ran.length).toBe(new Set(ran).size)
      for (const name of stored) {
        const ending = endings.get(name)
        if (ending === 'confirmed' && taken === 0) expect(ran).toContain(name)
        if (ending === 'confirmed') expect(ranEver).toContain(name)
        if ((ending === 'rejected' || ending === 'discarded') && taken === 0)
          expect(ranEver).not.toContain(name)
        expect(ending).not.toBe('unknown')
      }
      // Another page may find what was kept although its own was told otherwise.
      for (const [name, ending] of endings)
        if (ending === 'not kept' && opened === 1) expect(ranEver).not.toContain(name)
      if (taken === 0) {
        const order = stored.filter((name) => ran.includes(name))
        expect(ran.filter((name) => order.includes(name))).toEqual(order)
      }
    }),
    { numRuns: RUNS },
  )
}, 120_000)
