import { expect, test } from 'vitest'
import { FAULTS, PROCESS_FAULTS } from './fault-kind.ts'
import { EVERYTHING, scheduleOf } from './schedule.ts'

test('one seed is one schedule', () => {
  expect(scheduleOf(7, 3, EVERYTHING)).toEqual(scheduleOf(7, 3, EVERYTHING))
  expect(scheduleOf(7, 3, EVERYTHING)).not.toEqual(scheduleOf(8, 3, EVERYTHING))
})

test('two hundred seeds have every fault of a room at least fifty times', () => {
  const seeds = Array.from({ length: 200 }, (_, i) => i + 1)
  const steps = seeds.flatMap((seed) => scheduleOf(seed, 3, EVERYTHING).segments.flat())
  for (const fault of FAULTS) {
    if (PROCESS_FAULTS.some((each) => each === fault)) continue
    const hits = steps.filter((step) => step.do === fault).length
    expect(hits, fault).toBeGreaterThan(50)
  }
})
