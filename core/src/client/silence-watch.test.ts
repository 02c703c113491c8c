import { expect, test } from 'vitest'
import { FakeEnvironment } from '../session/testing/fake-environment.ts'
import { SILENCE_MS, SilenceWatch } from './silence-watch.ts'

/** Something is asked now. The clock can be set, which no timer notices. */
function asked() {
  const fake = new FakeEnvironment()
  let ahead = 0
  const now = () => fake.now() + ahead
  let since: number | null = now()
  let silences = 0
  const watch = new SilenceWatch(
    { ...fake, now },
    () => since,
    () => void silences++,
  )
  watch.check()
  return {
    fake,
    silences: () => silences,
    setClock: (ms: number) => {
      ahead += ms
    },
    ask: () => {
      since = now()
      watch.check()
    },
    answered: () => {
      since = null
      watch.check()
    },
  }
}

test('an answer that is owed is missed after its time, and not before; one that came is not', () => {
  const { fake, silences, ask, answered } = asked()
  fake.advance(SILENCE_MS - 1)
  answered()
  ask()
  fake.advance(SILENCE_MS - 1)
  expect(silences()).toBe(0)
  fake.advance(1)
  expect(silences()).toBe(1)
})

test('what is asked while another answer is owed has its whole time', () => {
  const { fake, silences, ask } = asked()
  fake.advance(1000)
  ask()
  fake.advance(SILENCE_MS - 1)
  expect(silences()).toBe(0)
  fake.advance(1)
  expect(silences()).toBe(1)
})

test.each([-3_600_000, 3_600_000])(
  'an answer that is owed while the clock is set by %i ms is missed after its time all the same',
  (ms) => {
    const { fake, silences, setClock } = asked()
    fake.advance(1000)
    setClock(ms)
    fake.advance(SILENCE_MS)
    expect(silences()).toBe(1)
  },
)
