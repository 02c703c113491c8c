import type { Block, Position } from '../wire/index.ts'
import type { BlindOp } from './blind-write.ts'
import { under } from './database-layout.ts'
import { dropOps, generationOps } from './kept-shape.ts'
import { encodeLogRecord, type LogPart, logKey } from './log-record.ts'
import type { RoomChange, ShapeRows, StoredPass } from './room-storage.ts'
import { encodeSegments } from './segments.ts'
import { ShapeFold } from './shape-fold.ts'
import { historyOf, type ShapeNode, seqOf, shapeNode } from './shape-node.ts'
import { type ShapeThread, type ShapeThreads, started } from './shape-thread.ts'
import { surplus } from './surplus-shapes.ts'

export interface RowSurroundings {
  readonly room: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly held: ReadonlySet<string>
  /** Generations that were found to be taken by another tab, by shape. */
  readonly taken: ReadonlyMap<string, number>
}

export interface RowPlan {
  readonly ops: readonly BlindOp[]
  /** The threads when it has been done. */
  readonly threads: ShapeThreads
  readonly adrift: readonly string[]
}

/** What became of one shape in the changes so far. */
interface Tail {
  readonly parts: LogPart[]
  to: ShapeNode
}

/** What the rows of `changes` do to the stores: one record for each shape, however many passes they are. */
export function planRows(
  threads: ShapeThreads,
  changes: readonly RoomChange[],
  around: RowSurroundings,
): RowPlan {
  const plan = new RowPlanning(threads, around)
  for (const change of changes) {
    for (const rows of change.replace ?? []) plan.replace(rows)
    for (const pass of change.passes ?? []) plan.pass(pass)
    for (const key of change.dropShapes ?? []) plan.drop(key)
    for (const key of change.touch ?? []) plan.touch(key)
  }
  return plan.end()
}

class RowPlanning {
  readonly #around: RowSurroundings
  readonly #threads: Map<string, ShapeThread>
  readonly #tails = new Map<string, Tail>()
  readonly #adrift = new Set<string>()
  readonly #fresh = new Set<string>()
  readonly #texts = new Map<readonly Block[], string>()
  #ops: BlindOp[] = []

  constructor(threads: ShapeThreads, around: RowSurroundings) {
    this.#threads = new Map(threads)
    this.#around = around
  }

  replace(rows: ShapeRows): void {
    const { room, now, taken } = this.#around
    const { at, boundary, blocks, ...header } = rows
    const { key, spec, onDemand } = header
    const before = this.#threads.get(key)
    const fold = new ShapeFold(header)
    fold.apply(blocks, at)
    fold.endAt(boundary)
    const segments = encodeSegments(fold.rows())
    const generation = Math.max(before?.generation ?? 0, taken.get(key) ?? 0) + 1
    const node = shapeNode(at, boundary)
    this.#ops.push(...generationOps(room, header, generation, node, segments))
    if (!before || isBack(before.seen ?? before.kept.position, at))
      this.#ops.push({ do: 'clear', store: 'log', range: under(room, key) })
    this.#ops.push({ do: 'put', store: 'used', key: [room, key], value: now })
    const segmentBytes = segments.reduce((sum, { length }) => sum + length, 0)
    const of = { generation, table: spec.collection, onDemand, usedAt: now, segmentBytes }
    this.#threads.set(key, started(of, at, boundary))
    this.#tails.delete(key)
    this.#adrift.delete(key)
    this.#fresh.add(key)
  }

  pass({ from, to, shapes }: StoredPass): void {
    for (const { key, blocks, boundary } of shapes) {
      const thread = this.#threads.get(key)
      if (!thread || thread.seen !== from) {
        this.#adrift.add(key)
        if (thread) this.#threads.set(key, { ...thread, seen: null })
        continue
      }
      this.#threads.set(key, { ...thread, seen: to })
      if (blocks.length === 0 && boundary === undefined) continue
      const tail = this.#tails.get(key) ?? { parts: [], to: thread.kept }
      tail.parts.push(boundary === undefined ? { at: to, blocks } : { at: to, blocks, boundary })
      tail.to = shapeNode(to, boundary === undefined ? tail.to.boundary : boundary)
      this.#tails.set(key, tail)
    }
  }

  drop(key: string): void {
    this.#threads.delete(key)
    this.#tails.delete(key)
    this.#fresh.delete(key)
    this.#ops.push(...dropOps(this.#around.room, key))
  }

  touch(key: string): void {
    const thread = this.#threads.get(key)
    if (!thread) return
    const { room, now } = this.#around
    this.#threads.set(key, { ...thread, usedAt: now })
    this.#ops.push({ do: 'put', store: 'used', key: [room, key], value: now })
  }

  end(): RowPlan {
    for (const [key, { parts, to }] of this.#tails) {
      const thread = this.#threads.get(key)
      if (thread) this.#append(key, thread, to, parts)
    }
    if (this.#fresh.size > 0)
      for (const key of surplus(this.#threads, new Set([...this.#around.held, ...this.#fresh])))
        this.drop(key)
    return { ops: this.#ops, threads: this.#threads, adrift: [...this.#adrift] }
  }

  #append(key: string, thread: ShapeThread, to: ShapeNode, parts: readonly LogPart[]): void {
    const step = { from: thread.kept, to }
    const value = encodeLogRecord(step, parts, (blocks) => this.#text(blocks))
    this.#ops.push({ do: 'put', store: 'log', key: [this.#around.room, key, ...logKey(step)], value })
    this.#threads.set(key, { ...thread, kept: to, log: [...thread.log, value.length] })
  }

  #text(blocks: readonly Block[]): string {
    const text = this.#texts.get(blocks) ?? JSON.stringify(blocks)
    this.#texts.set(blocks, text)
    return text
  }
}

/**
 * What is kept behind `from` leads to what is not so any more. A restored object is in the same history until its new instance has
 * written; otherwise the steps of the lost one would lie there until this one has come as far.
 */
const isBack = (from: Position, to: Position): boolean =>
  historyOf(from) !== historyOf(to) || seqOf(to) < seqOf(from)

/** Of the shapes that saw nothing since their last record, where they are now; null when there are none. */
export function thruText(threads: ShapeThreads): string | null {
  const moved = [...threads].flatMap(([key, { kept, seen }]) =>
    seen !== null && seen !== kept.position ? [[key, [kept.text, seen]] as const] : [],
  )
  return moved.length > 0 ? JSON.stringify(Object.fromEntries(moved)) : null
}
