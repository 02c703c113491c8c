import { beforeAll, expect, test, vi } from 'vitest'
import { TABS } from '../../../core/src/client/tabs-part.ts'
import { FILTERS } from '../../../core/src/collection/filter-part.ts'
import { SUBSETS } from '../../../core/src/collection/subsets-part.ts'
import { versions } from '../tanstack-versions.ts'
import { runSchedule } from './flicker-schedule.ts'

/**
 * The law. What a view shows of a row is a version of the server's row, and over it, column by column, the writes that the view shows. From
 * one event to the next the version only goes on. A write is not shown yet, then it is shown, then it is gone for good; and it is gone only
 * when the version has it, or when it was refused, or taken back, or lost with a page before it was kept. A page that comes after another
 * goes on from there; after one that was killed, from any moment of it. Rows that are missing must be explained as soon as the view is ready.
 *
 * So no row goes and comes again and no column returns to an older value, unless a refusal, a discard or the server's own history made it so.
 * It is held against every event of every collection and live query, within a turn too, and an event must be what the collection then holds.
 * When everything has arrived, each view is the server's rows under what is pending. At the end nothing is pending and nothing ran twice.
 */
const SOAK = process.env.DURABLE_SYNC_SOAK !== undefined
/** `SEED=4711 SEEDS=1 npx vitest run test/client/flicker/flicker.test.ts` runs what failed with that number again. */
const SEED = Number(process.env.SEED ?? 1)
const SEEDS = Number(process.env.SEEDS ?? (SOAK ? 500 : 15))
const STEPS = 60

// The clock of a schedule jumps: code that comes meanwhile would be too late for it.
beforeAll(async () => {
  await Promise.all([TABS.load(), FILTERS.load(), SUBSETS.load()])
})

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
