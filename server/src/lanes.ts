import type { Outcome, PushItem, RefusalCode } from '@durable-sync/core/wire'
import type { Backlog } from './backlog.ts'
import type { ClientIds } from './client-ids.ts'
import { PART_WRITES, weightOfItem } from './frame-parts.ts'
import type { ItemDecider, Prepared } from './item-decider.ts'
import { Rejection } from './rejection.ts'
import type { SyncEventSink } from './sync-event.ts'
import type { SyncSocket } from './sync-socket.ts'
import { atomically, TurnLost } from './turn-lost.ts'

/** A resend that finds its number undecided for the third time is rejected without being run: its first try and two resends crashed. */
const MAX_ATTEMPTS = 3

interface Waiting {
  socket: SyncSocket
  item: PushItem
  /** What `authorize` said after it was awaited. */
  permission?: Permission
}

/** What `authorize` said of the claims that it saw. Other claims are asked about again. */
interface Permission {
  readonly prepared: Prepared
  readonly claims: unknown
  readonly verdict: { readonly is: 'granted' } | { readonly is: 'denied'; readonly error: unknown }
}

interface Lane {
  /** In the order in which they came; what is done is not kept. */
  readonly queue: (Waiting | undefined)[]
  /** How many at its beginning are done. */
  done: number
  /** What waits behind the head, by number and by whose it is. */
  readonly behind: Map<string, Waiting>
  /** The head waits for a promise, or for the next turn. */
  blocked: boolean
}

/** A client id may be named by somebody whose it is not, and they must not take the place of who it is. */
const nameOf = ({ socket, item }: Waiting): string => `${item.n} ${socket.principal}`

/** Taking each from a long array by itself would move the rest each time. */
function pass(lane: Lane): void {
  lane.queue[lane.done] = undefined
  lane.done++
  if (lane.done < 1000) return
  lane.queue.splice(0, lane.done)
  lane.done = 0
}

export interface LanesHost {
  readonly storage: DurableObjectStorage
  readonly backlog: Backlog
  readonly clientIds: ClientIds
  readonly decider: ItemDecider
  readonly event: SyncEventSink
  /** Runs `task`, which is about so many writes, in a later turn. */
  nextTurn(weight: number, task: () => void): void
  /** Runs `task` once this turn's changes have been announced. */
  afterAnnouncement(task: () => Promise<unknown> | undefined): void
}

/**
 * One lane for every client id: its items are decided one after another, in the order of their numbers, also while `authorize` is
 * awaited; other lanes go on. Each number is decided once: the turn that carries out the write is one transaction, and ends with the
 * row of its client id in `_sync_cid`.
 */
export class Lanes {
  readonly #host: LanesHost
  readonly #lanes = new Map<string, Lane>()

  constructor(host: LanesHost) {
    this.#host = host
  }

  add(socket: SyncSocket, item: PushItem): void {
    const lane: Lane = this.#lanes.get(item.cid) ?? { queue: [], done: 0, behind: new Map(), blocked: false }
    this.#lanes.set(item.cid, lane)
    const waiting: Waiting = { socket, item }
    const name = nameOf(waiting)
    const asked = lane.behind.get(name)
    // While the head waits, a client that lost its patience asks again for what waits behind it.
    if (asked && socket.cids.includes(item.cid)) {
      this.#host.backlog.done(asked.item)
      asked.socket = socket
      asked.item = item
    } else {
      lane.queue.push(waiting)
      lane.behind.set(name, waiting)
    }
    this.#run(item.cid, lane)
  }

  /** What came while the head waited may be more than a turn takes, and so may what is to be said of what was carried out. */
  #run(cid: string, lane: Lane): void {
    let weight = 0
    while (!lane.blocked) {
      const waiting = lane.queue[lane.done]
      if (!waiting) {
        this.#lanes.delete(cid)
        return
      }
      if (weight >= PART_WRITES || (waiting.socket.hasManyReceipts && waiting.socket.isOpen)) {
        lane.blocked = true
        this.#resume(cid, lane, PART_WRITES)
        return
      }
      weight += weightOfItem(waiting.item)
      const name = nameOf(waiting)
      if (lane.behind.get(name) === waiting) lane.behind.delete(name)
      if (this.#tried(cid, lane, waiting) === 'waits') continue
      this.#host.backlog.done(waiting.item)
      pass(lane)
    }
  }

  /**
   * What can neither be carried out nor be rejected, because the storage has no room for an outcome, is not decided: its client asks again. A
   * turn must not end in it, or every client would be cut, and again whenever this one comes back.
   */
  #tried(cid: string, lane: Lane, waiting: Waiting): 'done' | 'waits' {
    try {
      return this.#step(cid, lane, waiting)
    } catch (error) {
      if (error instanceof TurnLost) throw error
      const { socket, item } = waiting
      this.#host.event({ type: 'error', where: 'push', error })
      const message = 'this could not be decided'
      socket.send({ type: 'refused', re: 'push', cid, n: item.n, code: 'internal', message })
      return 'done'
    }
  }

  #resume(cid: string, lane: Lane, weight = 1): void {
    this.#host.nextTurn(weight, () => {
      lane.blocked = false
      this.#run(cid, lane)
    })
  }

  #step(cid: string, lane: Lane, waiting: Waiting): 'done' | 'waits' {
    const { clientIds, decider } = this.#host
    const { socket, item } = waiting
    const { principal } = socket
    const refused = this.#refusal(waiting)
    if (refused) {
      socket.send({ type: 'refused', re: 'push', cid, n: item.n, ...refused })
      return 'done'
    }
    const state = clientIds.find(cid)
    if (item.n <= (state?.last ?? 0)) {
      if (!socket.hasReceipt(cid, item.n))
        socket.addReceipt({ cid, n: item.n, outcome: clientIds.outcome(cid, item.n) })
      return 'done'
    }
    if (item.do === 'skip') {
      this.#decide(waiting, () => ({ is: 'skipped' }))
      return 'done'
    }
    if (item.again && !clientIds.wasTried(cid, item.n)) {
      if (clientIds.countAttempt(cid, principal, item.n) >= MAX_ATTEMPTS) {
        this.#reject(waiting, new Rejection('handler-crashed', 'the server could not carry this out'))
        return 'done'
      }
      lane.blocked = true
      this.#resume(cid, lane)
      return 'waits'
    }
    try {
      const prepared = this.#permitted(cid, lane, waiting, item)
      if (!prepared) return 'waits'
      const { claims } = socket
      this.#decide(waiting, () => decider.execute(prepared, claims))
      this.#host.afterAnnouncement(() => decider.afterCommit(prepared, claims))
    } catch (error) {
      this.#reject(waiting, error)
    }
    return 'done'
  }

  /**
   * The prepared item once it may run, or undefined while `authorize` is awaited; claims that changed meanwhile are asked about again.
   * @throws Rejection when it may not.
   */
  #permitted(
    cid: string,
    lane: Lane,
    waiting: Waiting,
    item: Exclude<PushItem, { do: 'skip' }>,
  ): Prepared | undefined {
    const { decider } = this.#host
    const { claims } = waiting.socket
    const { permission } = waiting
    if (permission && permission.claims === claims) {
      if (permission.verdict.is === 'denied') throw permission.verdict.error
      return permission.prepared
    }
    const prepared = permission?.prepared ?? decider.prepare(item)
    const pending = decider.permit(prepared, claims)
    if (!pending) return prepared
    lane.blocked = true
    const settle = (verdict: Permission['verdict']) => {
      waiting.permission = { prepared, claims, verdict }
      this.#resume(cid, lane)
    }
    pending.then(
      () => settle({ is: 'granted' }),
      (error: unknown) => settle({ is: 'denied', error }),
    )
    return undefined
  }

  /** Why nothing can be decided: the client must repair its queue. Checked before anything that a resend could answer differently. */
  #refusal({ socket, item }: Waiting): { code: RefusalCode; message: string; expected?: number } | null {
    const { clientIds } = this.#host
    const { cid, n } = item
    const state = clientIds.find(cid)
    if (state && state.principal !== socket.principal)
      return { code: 'cid-foreign', message: 'this client id belongs to somebody else' }
    if (!socket.cids.includes(cid))
      return { code: 'cid-undeclared', message: 'declare the client id on this socket first' }
    if (state?.retired) return { code: 'cid-retired', message: 'this client id was retired' }
    const expected = (state?.last ?? 0) + 1
    if (n > expected || n === 0) return { code: 'gap', message: `number ${expected} is next`, expected }
    if (n === expected && clientIds.isBusy(cid))
      return { code: 'busy', message: 'too many outcomes wait to be seen', expected }
    return null
  }

  /** @throws whatever `run` threw, after its writes were rolled back. */
  #decide({ socket, item }: Waiting, run: () => Outcome): void {
    const { storage, clientIds, event } = this.#host
    const { cid, n } = item
    const [outcome, stored] = atomically(storage, (): [Outcome, string | null] => {
      const made = run()
      const text = made.is === 'committed' && made.result === undefined ? null : JSON.stringify(made)
      clientIds.decide(cid, socket.principal, n, text)
      return [made, text]
    })
    clientIds.decided(cid, socket.principal, n, stored)
    socket.addReceipt({ cid, n, outcome })
    event({
      type: 'settled',
      cid,
      n,
      outcome: outcome.is,
      code: outcome.is === 'rejected' ? outcome.code : null,
    })
  }

  #reject(waiting: Waiting, error: unknown): void {
    if (error instanceof TurnLost) throw error
    const { event } = this.#host
    if (!(error instanceof Rejection)) event({ type: 'error', where: 'decide', error })
    const unexplained = new Rejection('execute-failed', 'the server could not carry this out')
    try {
      this.#decide(waiting, () => rejected(error instanceof Rejection ? error : unexplained))
    } catch (cause) {
      if (cause instanceof TurnLost) throw cause
      // Nothing may keep a lane from going on: what cannot be stored as it is, is stored in fewer words.
      event({ type: 'error', where: 'reject', error: cause })
      this.#decide(waiting, () => rejected(unexplained))
    }
  }
}

const rejected = ({ code, message, details }: Rejection): Outcome => ({
  is: 'rejected',
  code,
  message: message.slice(0, 4000),
  ...(details === undefined ? {} : { details }),
})
