import { shownBy } from '../convergence.ts'
import { idsIn } from './ledger.ts'
import type { ReplayPage } from './replay-page.ts'
import type { Stage } from './stage.ts'

/** What a row says that somebody else has written once another user has signed in. */
export const FOR_BOB = 'after alice'

/** A hole shows with a heartbeat, so time passes in between. */
const TRIES = 10
const TRY_MS = 1000
const BEAT_MS = 5000

export type Mend = 'goes on' | 'restarts'

/** Everything is mended: by letting all go on, or by a crash of all tabs at once. Then it is judged. */
export async function mend(stage: Stage, how: Mend): Promise<void> {
  const { ledger } = stage
  ledger.during = `then everything ${how}`
  stage.expected = 'awaited'
  if (stage.signedIn === 'bob') await judgeUsers(stage)
  if (how === 'restarts' || stage.signedIn === 'bob') for (const page of stage.live) page.crash()
  stage.signedIn = 'alice'
  for (const page of stage.live) page.mend()
  // Who has signed out finds nothing that could be shown at once.
  if (stage.live.length === 0 && ledger.isLoggedOut) stage.open(0, 'at will')
  else if (stage.live.length === 0) {
    await stage.start(0)
    stage.page(0).mend()
  }
  await stage.soon(() => stage.live.some((page) => page.client.status.get().state === 'connected'))
  // The stream is live, not only equal by chance.
  await stage.otherWrites('last')
  await judgeQuiet(stage)
  ledger.during = 'after a reload at the end'
  await judgeKept(stage)
}

/** Left alone it ends quiet, with the rows of the server. */
async function judgeQuiet(stage: Stage): Promise<void> {
  const { world, room, browser, ledger } = stage
  let left = ''
  for (let tries = 0; tries < TRIES; tries++) {
    const came = await stage.soon(async () => {
      left = unquiet(stage, await serverRows(stage))
      return left === ''
    }, TRY_MS)
    if (came === 'came') break
    browser.pass(BEAT_MS)
  }
  if (left !== '') ledger.say(left)
  for (const { reported } of stage.live)
    if (reported.length > 0) ledger.say(`a page reported ${String(reported[0])}`)
  ledger.judge(await ledger.readRun(world, room))
}

/** What is not as it should be when nothing is left to do. */
function unquiet({ live, browser }: Stage, rows: string): string {
  for (const page of live) {
    const shown = rowsIn(page)
    if (shown !== rows) return `C: a page shows ${shown}, the server has ${rows}`
    const { count } = page.client.pendingWrites.get()
    if (count > 0) return `G: nothing is left to do, yet ${count} writes are pending`
  }
  const kept = browser.databases.ofUsers.flatMap(idsIn)
  return kept.length > 0 ? `G: nothing is left to do, yet ${kept.length} writes are in the outbox` : ''
}

/** What is kept are the rows of the server, and no write: a page without a network shows it. It goes on from there. */
async function judgeKept(stage: Stage): Promise<void> {
  const { ledger } = stage
  for (const page of stage.live) await page.end()
  const rows = await serverRows(stage)
  await stage.start(0)
  const page = stage.page(0)
  const shown = rowsIn(page)
  // Of two tabs that led at once over a restore, a load may take the line that ended, until the server has answered.
  const mayBeTorn = ledger.hasRestored && stage.trace.some((action) => action.do === 'freeze')
  if (shown !== rows && !mayBeTorn) ledger.say(`N: what is kept is ${shown}, the server has ${rows}`)
  const { count } = page.client.pendingWrites.get()
  if (count > 0) ledger.say(`G: ${count} writes are kept that are settled`)
  page.mend()
  await judgeQuiet(stage)
}

/** Somebody else has signed in: nothing of the one is the other's. */
async function judgeUsers(stage: Stage): Promise<void> {
  const { live, browser, ledger, world, room } = stage
  for (const page of live) page.mend()
  await stage.keep()
  const [alice] = browser.databases.ofUsers
  const records = [...(alice ?? [])].flatMap(([name, table]) =>
    table.records.map((record) => ({ name, record })),
  )
  if (ledger.isLoggedOut && records.some(({ name }) => name !== 'spare'))
    ledger.say('P: something is stored after the logout')
  if (JSON.stringify(records).includes(FOR_BOB)) ledger.say('I: rows for one user are kept for another')
  for (const page of live)
    if (page.user === 'bob' && (page.client.pendingWrites.get().count > 0 || page.shows(1)))
      ledger.say('I: a page of one user has the writes of another')
    else if (page.user === 'alice' && page.todos.toArray.some(({ title }) => title === FOR_BOB))
      ledger.say('I: rows for one user are shown to another')
  const owners = await world.storageSql(room, 'SELECT DISTINCT principal FROM _sync_cid')
  if (owners.some(({ principal }) => principal !== 'alice'))
    ledger.say('I: a write of one user is executed as another')
}

const serverRows = async ({ world, room, ledger }: Stage): Promise<string> =>
  briefly(await world.rows(room, ledger.table))

const rowsIn = (page: ReplayPage): string => briefly(shownBy(page.written))

/** Rows for a message: what is null is left out, and long texts are cut. */
const briefly = (rows: readonly object[]): string =>
  JSON.stringify(rows, (_name, value: unknown) =>
    value === null ? undefined : typeof value === 'string' ? value.slice(0, 20) : value,
  )
