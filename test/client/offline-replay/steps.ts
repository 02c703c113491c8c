import type { Action } from '../../model/offline/model.ts'
import { hasSent, toServer, toServerLate, toTab } from './frame-steps.ts'
import type { ReplayPage } from './replay-page.ts'
import type { Came, Stage, TabIndex } from './stage.ts'
import { failWith } from './transaction.ts'
import { FOR_BOB } from './verdict.ts'

const DAY_MS = 24 * 3_600_000

/** Does what an action of the model says, or waits until the real system has done it. */
export async function act(stage: Stage, action: Action): Promise<Came> {
  const came = await perform(stage, action)
  await stage.settle()
  return came
}

function perform(stage: Stage, action: Action): Came | Promise<Came> {
  const page = () => stage.page('tab' in action ? action.tab : 0)
  switch (action.do) {
    // Writes and what is kept
    case 'write':
      page().write(action.rejected)
      return 'came'
    case 'store':
      return stage.soon(() => page().gate.release('store'))
    case 'put fails':
      return putFails(stage, page())
    case 'mark':
      return stage.soon(() => page().gate.release('mark'))
    case 'flush':
      return flush(stage, page())
    case 'discard':
      return page().discard(action.write)
    case 'compact':
      page().gate.releaseAll('idle')
      return stage.soon(() => page().gate.waiting('compacted').length > 0)
    case 'compacted':
      return stage.soon(() => page().gate.release('compacted'))
    case 'power loss':
      return losePower(stage, action.transactions)

    // Frames
    case 'push':
    case 'seen':
      return stage.soon(() => hasSent(page().socket, action.do))
    case 'retire':
      return 'came'
    case 'to server':
      return toServer(stage, action)
    case 'to server, late':
      return toServerLate(stage, action)
    case 'to tab':
      return toTab(stage, page(), action.frame)
    case 'connect':
      return connect(stage, page())
    case 'drop':
      page().socket?.drop()
      return 'came'

    // Tabs
    case 'open':
    case 'open, as no tab is':
      return stage.trace.some((each) => each.do === 'loaded')
        ? startSlowly(stage, action.tab)
        : stage.start(action.tab)
    case 'loaded':
      return startedSlowly(stage, page())
    case 'crash':
      page().crash()
      return 'came'
    case 'freeze':
      page().gate.freeze()
      // When it goes on, it does not hear at once that another one leads.
      page().gate.hold('message')
      return 'came'
    case 'thaw':
      page().gate.thaw()
      return 'came'
    case 'lead':
      return lead(stage, page())
    case 'stop leading':
      return stopLeading(stage, page())
    case 'relayed':
      page().gate.releaseAll('relayed')
      return 'came'
    case 'relay lost':
      return loseRelayed(stage, page())

    // Users and the world
    case 'other writes':
      return otherWrites(stage, action.key)
    case 'restore':
      return restore(stage, action.to)
    case 'ninety days':
      return ninetyDays(stage)
    case 'sign in':
      return signIn(stage)
    case 'logout':
      return logout(stage, page())
    default:
      throw new Error(`nobody knows how to replay: ${action.do}`)
  }
}

/** What waits for more is kept now. What should be one transaction and is two is cut between them. */
async function flush(stage: Stage, { gate }: ReplayPage): Promise<Came> {
  gate.hold('flush')
  const came = await stage.soon(() => {
    gate.releaseAll('buffer')
    return gate.release('flush')
  })
  await stage.settle()
  if (gate.waiting('flush').length === 0) gate.unhold('flush')
  return came
}

/** There is no room for a write, until the page has given it up. */
async function putFails(stage: Stage, page: ReplayPage): Promise<Came> {
  const full = () => new DOMException('full', 'QuotaExceededError')
  failWith(page.gate, (kind) => (kind === 'store' ? full() : undefined))
  const came = await stage.soon(() => {
    page.gate.release('store')
    return stage.ledger.last?.told !== undefined
  })
  failWith(page.gate, undefined)
  return came
}

function losePower({ live, browser, ledger }: Stage, transactions: number): Came {
  for (const page of live) page.crash()
  browser.databases.losePower(transactions)
  ledger.lostPower(browser.databases.ofUsers)
  return 'came'
}

/** What it has to keep it keeps before it reads what is kept, and that comes before the hello. */
function connect(stage: Stage, page: ReplayPage): Promise<Came> {
  page.admit()
  return stage.soon(() => {
    page.gate.releaseAll('buffer')
    page.gate.unhold('flush')
    for (const kind of ['store', 'mark'] as const) page.gate.release(kind)
    return hasSent(page.socket, 'hello')
  })
}

/** It has read, and has yet to get what it has read. The leader, who would have it read again, it does not hear before. */
function startSlowly(stage: Stage, tab: TabIndex): Promise<Came> {
  const page = stage.open(tab, 'when told')
  page.gate.hold('found', 'message', 'relayed')
  return stage.soon(() => page.gate.waiting('found').length > 0)
}

async function startedSlowly(stage: Stage, page: ReplayPage): Promise<Came> {
  page.gate.unhold('found')
  const came = await stage.started(page)
  page.gate.unhold('message', 'relayed')
  return came
}

/** Who holds the lead and is frozen, loses it. */
async function lead(stage: Stage, page: ReplayPage): Promise<Came> {
  await stage.settle()
  if (page.gate.waiting('granted').length === 0) stage.browser.takeLead()
  return stage.soon(() => {
    page.gate.release('granted')
    return page.leads
  })
}

async function stopLeading(stage: Stage, page: ReplayPage): Promise<Came> {
  const came = await stage.soon(() => page.gate.release('lost'))
  page.gate.unhold('message')
  return came
}

async function loseRelayed(stage: Stage, { gate }: ReplayPage): Promise<Came> {
  const came = await stage.soon(() => gate.waiting('relayed').length > 0)
  gate.lose(({ kind }) => kind === 'relayed')
  return came
}

async function otherWrites(stage: Stage, key: 0 | 1): Promise<Came> {
  await stage.otherWrites(key === 0 ? 'k0' : 'k1')
  await stage.decided()
  return 'came'
}

async function restore(stage: Stage, to: number): Promise<Came> {
  const { ledger, world, room, pages } = stage
  const copy = stage.copyAfter(to)
  if (!copy) return 'missing'
  await ledger.readRun(world, room)
  await world.restore(room, copy)
  for (const { sockets } of pages) for (const socket of sockets) await socket.outlive()
  ledger.restored(await ledger.readRun(world, room))
  return 'came'
}

async function ninetyDays({ ledger, world, room, browser }: Stage): Promise<Came> {
  ledger.hasForgotten = true
  await world.setClock(91 * DAY_MS)
  browser.pass(91 * DAY_MS)
  // The server forgets with the next thing that happens there.
  await world.sql(room, `INSERT INTO notes VALUES ('later', 'later', 'later')`)
  return 'came'
}

/** From here on new sockets are of somebody else. Where none is left of the first user, a row comes that only the second may be told. */
async function signIn(stage: Stage): Promise<Came> {
  stage.signedIn = 'bob'
  if (stage.live.every(({ socket }) => !socket))
    await stage.world.sql(stage.room, `UPDATE todos SET title = '${FOR_BOB}' WHERE id = 'k1'`)
  return 'came'
}

async function logout(stage: Stage, page: ReplayPage): Promise<Came> {
  page.mend()
  await page.gate.run(() => page.client.logout({ pending: 'discard' }))
  stage.ledger.isLoggedOut = true
  page.crash()
  stage.signedIn = 'bob'
  return 'came'
}
