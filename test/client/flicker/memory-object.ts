import {
  type Block,
  type ClientFrame,
  DEFAULT_LIMITS,
  type HelloFrame,
  type JoinFrame,
  type Outcome,
  type Position,
  type Predicate,
  type PushItem,
  type Receipt,
  type RefusedFrame,
  rowMatcher,
  type ServerFrame,
  type WireOp,
} from '@durable-sync/core/wire'
import { COLUMNS, type ItemRow } from './item-row.ts'
import { ObjectHistory } from './object-history.ts'

/** What the object says to one client, and how it hangs up. */
export interface Caller {
  say(frame: ServerFrame): void
  hangUp(code: number): void
}

interface Talk {
  readonly caller: Caller
  readonly declared: Set<string>
  readonly joined: Map<number, Predicate | undefined>
  /** Undefined before hello. */
  position: Position | undefined
}

/** Who wants to know what the object decides and stores. */
export interface Witness {
  /** The row has become this one; null when it is gone. */
  stored(key: string, row: ItemRow | null): void
  decided(item: PushItem, outcome: Outcome): void
}

const SHAPE = 'shape'
/** Rows in one answer to a join: so few that a join takes several. */
const PAGE = 2

const matches = (where: Predicate | undefined, row: ItemRow): boolean =>
  where === undefined || rowMatcher(where, COLUMNS, {})(COLUMNS.map((column) => row[column]))

/**
 * An object in memory that keeps the rules of the protocol: lineage, pruning, joins in several answers, exactly once. It says nothing by
 * itself; whatever it says is carried, or lost, by who calls it.
 */
export class MemoryObject {
  readonly history = new ObjectHistory()
  readonly #witness: Witness
  readonly #rejects: (item: PushItem) => boolean
  readonly #talks = new Set<Talk>()

  constructor(witness: Witness, rejects: (item: PushItem) => boolean) {
    this.#witness = witness
    this.#rejects = rejects
  }

  /** A socket. Returns how it hears, and how it ends. */
  connect(caller: Caller): { hear(frame: ClientFrame): void; end(): void } {
    const talk: Talk = { caller, declared: new Set(), joined: new Map(), position: undefined }
    this.#talks.add(talk)
    return {
      hear: (frame) => {
        if (this.#talks.has(talk)) this.#hear(talk, frame)
      },
      end: () => void this.#talks.delete(talk),
    }
  }

  /** A write of the object's own. */
  write(key: string, row: ItemRow | null): void {
    this.#set(key, row)
    this.#flushAll()
  }

  prune(): void {
    this.#flushAll()
    this.history.prune()
  }

  /** Goes back to the copy of the storage. */
  restore(): void {
    const before = this.history.rows
    if (!this.history.restore()) return
    const after = this.history.rows
    for (const key of new Set([...before.keys(), ...after.keys()]))
      this.#witness.stored(key, after.get(key) ?? null)
    for (const talk of this.#talks) {
      if (talk.position === undefined || !this.history.problem(talk.position)) continue
      this.#talks.delete(talk)
      talk.caller.hangUp(1012)
    }
  }

  #hear(talk: Talk, frame: ClientFrame): void {
    switch (frame.type) {
      case 'hello':
        this.#welcome(talk, frame)
        break
      case 'open':
        for (const { cid, seen } of frame.cids) {
          talk.declared.add(cid)
          this.history.forget(cid, seen)
        }
        break
      case 'seen':
        for (const { cid, seen } of frame.cids) this.history.forget(cid, seen)
        break
      case 'retire':
        for (const cid of frame.cids) this.history.retire(cid)
        break
      case 'join':
        this.#join(talk, frame)
        break
      case 'leave':
        talk.joined.delete(frame.sub)
        break
      case 'push':
        this.#push(talk, frame.items)
        break
    }
  }

  #welcome(talk: Talk, { at, cids, subs }: HelloFrame): void {
    const { history } = this
    const reset = at === null ? undefined : history.problem(at)
    const resumes = ({ joined, shape }: HelloFrame['subs'][number]) =>
      at !== null && !reset && joined && shape === SHAPE
    for (const sub of subs) if (resumes(sub)) talk.joined.set(sub.id, sub.where)
    const settled: Receipt[] = []
    const verdicts = cids.map(({ cid, seen }) => {
      talk.declared.add(cid)
      history.forget(cid, seen)
      const known = history.cid(cid)
      for (const [n, outcome] of known?.outcomes ?? []) settled.push({ cid, n, outcome })
      return {
        cid,
        is: known?.retired ? 'retired' : known ? 'known' : 'unknown',
        last: known?.last ?? 0,
      } as const
    })
    talk.caller.say({
      type: 'welcome',
      v: 1,
      object: 'object',
      principal: 'me',
      now: 1_000_000,
      reconnectWindowMs: 1,
      ...(reset ? { reset } : {}),
      cids: verdicts,
      subs: subs.map((sub) => ({ id: sub.id, is: resumes(sub) ? 'resume' : 'restart' })),
      limits: DEFAULT_LIMITS,
    })
    const from = reset ? null : at
    const tables = from === null ? {} : this.#changed(talk, from)
    talk.position = history.head
    talk.caller.say({ type: 'changes', from, to: talk.position, live: true, tables, settled })
  }

  #join(talk: Talk, { sub, join, where, since, shape, p0, read, after }: JoinFrame): void {
    const { history } = this
    const from = p0 ?? since
    const problem = (from && history.problem(from)) ?? (read && history.problem(read))
    if (problem) {
      talk.caller.say({ type: 'restart', sub, reason: problem })
      return
    }
    if (since !== undefined && shape !== SHAPE) {
      talk.caller.say({ type: 'restart', sub, reason: 'shape' })
      return
    }
    const began = from ?? history.head
    if (since === undefined) {
      const rows = [...history.rows.values()]
        .filter((row) => after === undefined || row.id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
      const page = rows.slice(0, PAGE)
      const last = page.at(-1)
      const found = page.filter((row) => matches(where, row))
      if (found.length > 0) talk.caller.say({ type: 'chunk', join, ...blockOf(found, []) })
      if (last && page.length < rows.length) {
        talk.caller.say({ type: 'next', join, p0: began, read: history.head, shape: SHAPE, after: last.id })
        return
      }
    }
    this.#flush(talk, [])
    const keys = history.since(began)
    const rows = keys.flatMap((key) => history.rows.get(key) ?? [])
    const up = rows.filter((row) => matches(where, row))
    const gone = keys.filter((key) => !up.some(({ id }) => id === key))
    if (keys.length > 0) talk.caller.say({ type: 'chunk', join, ...blockOf(up, gone) })
    talk.joined.set(sub, where)
    talk.caller.say({
      type: 'joined',
      join,
      at: history.head,
      replace: since === undefined,
      shape: SHAPE,
      key: 'id',
      kinds: {},
    })
  }

  #push(talk: Talk, items: readonly PushItem[]): void {
    const settled: Receipt[] = []
    for (const item of items) {
      const answer = this.#decide(talk, item)
      if ('outcome' in answer) settled.push(answer)
      else talk.caller.say(answer)
    }
    for (const each of this.#talks) this.#flush(each, each === talk ? settled : [])
  }

  #decide(talk: Talk, item: PushItem): Receipt | RefusedFrame {
    const { history } = this
    const { cid, n } = item
    const refusal = { type: 'refused', re: 'push', cid, n, message: '' } as const
    if (!talk.declared.has(cid)) return { ...refusal, code: 'cid-undeclared' }
    const known = history.cid(cid)
    if (known?.retired) return { ...refusal, code: 'cid-retired' }
    const last = known?.last ?? 0
    if (n > last + 1) return { ...refusal, code: 'gap', expected: last + 1 }
    if (n <= last) return { cid, n, outcome: known?.outcomes.get(n) ?? { is: 'committed' } }
    const outcome = this.#run(item)
    const ops = item.do === 'mutate' ? item.ops : []
    const tags = ops.flatMap(({ cols }) => (typeof cols?.tag === 'string' ? cols.tag : []))
    history.decide(cid, n, outcome, [...new Set(tags)])
    this.#witness.decided(item, outcome)
    return { cid, n, outcome }
  }

  #run(item: PushItem): Outcome {
    if (item.do !== 'mutate') return { is: 'skipped' }
    if (this.#rejects(item)) return { is: 'rejected', code: 'denied', message: 'no' }
    const ran = this.history.atomically(() => item.ops.every((op) => this.#runOp(op)))
    if (!ran) return { is: 'rejected', code: 'row-not-found', message: 'no such row, or one that exists' }
    for (const key of new Set(item.ops.map((op) => op.key)))
      this.#witness.stored(key, this.history.rows.get(key) ?? null)
    return { is: 'committed' }
  }

  #runOp({ type, key, cols = {} }: WireOp): boolean {
    const row = this.history.rows.get(key)
    if (type === 'insert' ? row : !row) return type === 'delete'
    this.history.set(key, type === 'delete' ? null : ({ ...row, ...cols, id: key } as ItemRow))
    return true
  }

  #set(key: string, row: ItemRow | null): void {
    this.history.set(key, row)
    this.#witness.stored(key, row)
  }

  #changed(talk: Talk, from: Position): { [table: string]: Block } {
    const keys = this.history.since(from)
    const wheres = [...talk.joined.values()]
    if (keys.length === 0 || wheres.length === 0) return {}
    const up = keys
      .flatMap((key) => this.history.rows.get(key) ?? [])
      .filter((row) => wheres.some((where) => matches(where, row)))
    return {
      items: blockOf(
        up,
        keys.filter((key) => !up.some(({ id }) => id === key)),
      ),
    }
  }

  #flushAll(): void {
    for (const talk of this.#talks) this.#flush(talk, [])
  }

  #flush(talk: Talk, settled: readonly Receipt[]): void {
    const { position: from } = talk
    const to = this.history.head
    if (from === undefined || (from === to && settled.length === 0)) return
    const tables = this.#changed(talk, from)
    talk.position = to
    talk.caller.say({ type: 'changes', from, to, tables, ...(settled.length > 0 ? { settled } : {}) })
  }
}

const blockOf = (rows: readonly ItemRow[], del: readonly string[]): Block => ({
  cols: COLUMNS,
  up: rows.map((row) => COLUMNS.map((column) => row[column])),
  del,
})
