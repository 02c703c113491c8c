import type { ClientFrame, ServerFrame } from '@durable-sync/core/wire'
import type { PageSocket } from './page-socket.ts'
import type { ReplayPage } from './replay-page.ts'
import { type Came, PATIENCE_MS, type Stage, type TabIndex } from './stage.ts'

interface Arriving {
  readonly tab: TabIndex
  readonly frame: string
  /** By the count of the model. */
  readonly cid: number
}

/** A frame reaches the server, and is dealt with there. */
export async function toServer(stage: Stage, { tab, frame, cid }: Arriving): Promise<Came> {
  const { socket } = stage.page(tab)
  if (!socket) return 'missing'
  if (frame === 'push') return pushed(stage, socket, cid)
  if (frame === 'retire' && stage.expected === 'awaited') return retire(stage)
  const answered = socket.answers.length
  const came = await stage.soon(() => socket.serve(({ type }) => type === frame))
  if (came === 'missing') return came
  if (frame === 'hello')
    return stage.soon(() => socket.isClosed || socket.answers.slice(answered).some(isLive))
  await stage.decided()
  return stage.soon(async () => {
    const [row] = await stage.world.storageSql(stage.room, 'SELECT count(*) AS n FROM _sync_outcome')
    return row?.n === 0
  })
}

/** What was sent on a connection that its page has lost arrives after all. */
export async function toServerLate(stage: Stage, { tab, cid }: Arriving): Promise<Came> {
  const pages = stage.pages.filter((page) => page.isGone || page === stage.page(tab))
  const lost = pages.flatMap(({ sockets }) => sockets).filter(({ isHeld }) => !isHeld)
  const socket = lost.find((each) => hasSent(each, 'push'))
  return socket ? pushed(stage, socket, cid) : 'missing'
}

async function pushed(stage: Stage, socket: PageSocket, cid: number): Promise<Came> {
  const answered = socket.answers.length
  const isIt = (frame: ClientFrame) => isPushOf(stage, frame, cid)
  const came = await stage.soon(() => socket.serve(isIt) || hasOvertaken(stage, socket, isIt))
  if (came === 'missing') return came
  const dealtWith = await stage.soon(
    () => socket.isClosed || socket.answers.slice(answered).some(isAnswer),
    PATIENCE_MS.awaited,
  )
  // A check that has said no would say yes the next time.
  await stage.world.storageSql(stage.room, `UPDATE todos SET owner = NULL WHERE id = 'locked'`)
  await stage.decided()
  return dealtWith
}

/** Where the server awaits permission, what stood behind it in the line was dealt with first: it has arrived with that. */
const hasOvertaken = ({ scenario }: Stage, { arrived }: PageSocket, isIt: (frame: ClientFrame) => boolean) =>
  scenario.awaits === true && arrived.some(isIt)

/** The model counts client ids as pages are opened; a write tells which page it is of. */
function isPushOf({ pages, ledger }: Stage, frame: ClientFrame, cid: number): boolean {
  if (frame.type !== 'push') return false
  const [item] = frame.items
  if (item?.do !== 'mutate') return true
  const text = JSON.stringify(item.ops)
  const n = text.includes('"w1"') ? 1 : 2
  const author = ledger.get(n)?.page
  return author === undefined || pages.indexOf(author) === cid - 1
}

const isLive = (frame: ServerFrame): boolean => frame.type === 'changes' && frame.live === true
const isAnswer = (frame: ServerFrame): boolean =>
  frame.type === 'refused' || (frame.type === 'changes' && frame.settled !== undefined)

export const hasSent = (socket: PageSocket | undefined, type: string): boolean =>
  socket?.sent.some((frame) => frame.type === type) === true

/** A frame reaches a page. One of the model is a welcome with its pass, or one pass. */
export async function toTab(stage: Stage, page: ReplayPage, frame: string): Promise<Came> {
  if (frame === 'close') return stage.soon(() => page.gate.release('close'))
  let joins = 0
  const came = await stage.soon(() => {
    for (const { about } of page.gate.waiting('frame')) {
      const told = about as ServerFrame
      page.gate.release('frame')
      if (told.type === 'welcome') joins = told.subs.filter(({ is }) => is === 'restart').length
      if (frame === 'welcome' ? isLive(told) : told.type === frame) return true
    }
    return false
  })
  return came === 'came' && joins > 0 ? joined(stage, page, joins) : came
}

/** The rows of a welcome that is a reset come by joins. */
function joined(stage: Stage, page: ReplayPage, joins: number): Promise<Came> {
  let left = joins
  return stage.soon(() => {
    page.socket?.serve(({ type }) => type === 'join')
    for (const { about } of page.gate.waiting('frame')) {
      page.gate.release('frame')
      if ((about as ServerFrame).type === 'joined') left--
    }
    return left === 0
  })
}

/** What a page says that is closed in order, of the client ids that it has made. The pages here only crash, so somebody says it for them. */
async function retire(stage: Stage): Promise<Came> {
  const rows = await stage.world.storageSql(stage.room, 'SELECT cid FROM _sync_cid')
  const cids = rows.map(({ cid }) => String(cid))
  const closing = await stage.world.connect(stage.room)
  await closing.enter({ client: 'a page that closes', cids: cids.map((cid) => ({ cid, seen: 0 })) })
  closing.send({ type: 'retire', cids })
  const came = await stage.soon(async () => {
    const left = await stage.world.storageSql(stage.room, 'SELECT cid FROM _sync_cid WHERE retired = 0')
    return left.length === 0
  })
  closing.drop()
  return came
}
