import type { CidVerdict, ClientFrame, Outcome, PushItem, Receipt } from '../../wire/index.ts'
import type { PushRefusal } from '../outbox-event.ts'
import { welcomeFrame } from './outbox-script.ts'

interface Record {
  readonly last: number
  readonly outcomes: ReadonlyMap<number, Outcome>
  readonly retired: boolean
}

/** What the server has decided. Everything in it is immutable, so that a restore is an assignment. */
export interface History {
  readonly cids: ReadonlyMap<string, Record>
  /** What ran, in order. */
  readonly ran: readonly string[]
}

export const NOTHING: History = { cids: new Map(), ran: [] }
const UNUSED: Record = { last: 0, outcomes: new Map(), retired: false }

/** Decides pushes by the rules of the protocol, each in a turn. */
export class HonestServer {
  history: History = NOTHING
  /** The client ids that the socket has declared, and how many it may. */
  readonly declared = new Set<string>()
  /** The same number of the same client id was asked to do two different things in one history. */
  readonly broken: string[] = []
  readonly #meant = new Map<string, string>()
  /** Whether an item is rejected. */
  readonly rejects: (item: PushItem) => boolean
  readonly most: number

  constructor(rejects: (item: PushItem) => boolean, most: number) {
    this.rejects = rejects
    this.most = most
  }

  welcome(cids: readonly { readonly cid: string; readonly seen: number }[]) {
    this.declared.clear()
    if (cids.length > this.most) this.broken.push('too many client ids in a hello')
    const says: { [cid: string]: Pick<CidVerdict, 'is' | 'last'> | null } = {}
    const settled: Receipt[] = []
    for (const { cid, seen } of cids) {
      this.declared.add(cid)
      this.#forget(cid, seen)
      const known = this.history.cids.get(cid)
      says[cid] = known ? { is: known.retired ? 'retired' : 'known', last: known.last } : null
      for (const [n, outcome] of known?.outcomes ?? []) settled.push({ cid, n, outcome })
    }
    return { welcome: welcomeFrame({ cids: says, frameBytes: 100_000 }), settled }
  }

  /** The answers to a frame. */
  hear(frame: ClientFrame): { readonly receipts: Receipt[]; readonly refused: PushRefusal[] } {
    const receipts: Receipt[] = []
    const refused: PushRefusal[] = []
    if (frame.type === 'open') for (const { cid } of frame.cids) this.declared.add(cid)
    if (this.declared.size > this.most) this.broken.push('too many client ids on a socket')
    if (frame.type === 'seen') for (const { cid, seen } of frame.cids) this.#forget(cid, seen)
    if (frame.type === 'retire') for (const cid of frame.cids) this.#change(cid, { retired: true })
    if (frame.type === 'push') {
      for (const item of frame.items) {
        const answer = this.#decide(item)
        if ('outcome' in answer) receipts.push(answer)
        else refused.push(answer)
      }
    }
    return { receipts, refused }
  }

  #decide(item: PushItem): Receipt | PushRefusal {
    const { cid, n } = item
    const known = this.history.cids.get(cid) ?? UNUSED
    const refusal = (code: PushRefusal['code'], expected?: number): PushRefusal => ({
      type: 'refused',
      re: 'push',
      cid,
      n,
      code,
      message: '',
      ...(expected === undefined ? {} : { expected }),
    })
    if (!this.declared.has(cid)) return refusal('cid-undeclared')
    if (known.retired) return refusal('cid-retired')
    if (n > known.last + 1) return refusal('gap', known.last + 1)
    if (n <= known.last) return { cid, n, outcome: known.outcomes.get(n) ?? { is: 'committed' } }
    const name = item.do === 'call' ? item.name : item.do
    this.#means(`${cid} ${n}`, name)
    const outcome: Outcome =
      item.do === 'skip'
        ? { is: 'skipped' }
        : this.rejects(item)
          ? { is: 'rejected', code: 'denied', message: '' }
          : { is: 'committed' }
    const outcomes = outcome.is === 'committed' ? known.outcomes : new Map(known.outcomes).set(n, outcome)
    this.#change(cid, { last: n, outcomes })
    if (outcome.is === 'committed') this.history = { ...this.history, ran: [...this.history.ran, name] }
    return { cid, n, outcome }
  }

  /** A number means the same write for ever, or is skipped. */
  #means(number: string, name: string): void {
    const before = this.#meant.get(number)
    if (name === 'skip') return
    if (before !== undefined && before !== name) this.broken.push(`${number} is ${before} and ${name}`)
    this.#meant.set(number, name)
  }

  #forget(cid: string, seen: number): void {
    const known = this.history.cids.get(cid)
    if (known) this.#change(cid, { outcomes: new Map([...known.outcomes].filter(([n]) => n > seen)) })
  }

  #change(cid: string, change: Partial<Record>): void {
    const known = this.history.cids.get(cid) ?? UNUSED
    this.history = { ...this.history, cids: new Map(this.history.cids).set(cid, { ...known, ...change }) }
  }
}
