import { beforeAll, expect, test, vi } from 'vitest'
import { versions } from '../tanstack-versions.ts'
import { runSchedule } from './flicker-schedule.ts'

const SOAK = process.env.DURABLE_SYNC_SOAK !== undefined
/** `SEED=4711 SEEDS=1 npx vitest run test/client/flicker/flicker.test.ts` runs what failed with that number again. */
const SEED = Number(process.env.SEED ?? 1)
const SEEDS = Number(process.env.SEEDS ?? (SOAK ? 500 : 40))
const STEPS = 60

// TanStack DB says so whenever a live query is open while its client is closed.
beforeAll(() => {
  const say = console.error
  vi.spyOn(console, 'error').mockImplementation((...words) => {
    if (!String(words[0]).startsWith('[Live Query Error]')) say(...words)
  })
})

test.each(
  versions.flatMap(([version, db]) =>
    (['device', 'server'] as const).map((settleOn) => ({ version, db, settleOn })),
  ),
)(
  'under @tanstack/db $version with settleOn "$settleOn", no row flickers, no column returns to an older value, whatever happens',
  async ({ version, db, settleOn }) => {
    let events = 0
    const began = performance.now()
    const failures: string[] = []
    for (let seed = SEED; seed < SEED + SEEDS && failures.length === 0; seed++) {
      const run = await runSchedule(seed, STEPS, { db, settleOn })
      events += run.events
      if (run.problems.length > 0)
        failures.push(
          `seed ${seed}\n${run.problems.slice(0, 3).join('\n')}\n${run.diary.filter((line) => !line.endsWith('false')).join('\n')}`,
        )
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`flicker: ${version}, ${settleOn}: ${SEEDS} seeds, ${events} events, ${seconds} s`)
    expect(failures.join('\n\n')).toBe('')
  },
  600_000,
)
