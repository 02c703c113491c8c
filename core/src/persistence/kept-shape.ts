import type { Block, Position } from '../wire/index.ts'
import type { BlindOp } from './blind-write.ts'
import { below, under } from './database-layout.ts'
import { decodeLogRecord, type LogRecord } from './log-record.ts'
import type { Boundary, ShapeHeader, StoredShape } from './room-storage.ts'
import { decodeSegment, encodeSegments } from './segments.ts'
import { ShapeFold } from './shape-fold.ts'
import { type ShapeNode, shapeNode } from './shape-node.ts'
import { furthestPath } from './shape-path.ts'

interface Head extends Omit<ShapeHeader, 'key'> {
  readonly at: Position
  readonly boundary?: Boundary
  readonly segments: number
}

/** The records of one shape, as they are kept. */
export interface KeptTexts {
  readonly generation: number
  readonly head: string
  readonly segments: readonly string[]
  /** In the order of their keys. */
  readonly log: readonly string[]
}

/** A generation of a shape, and the steps that lead on from it. */
export interface KeptShape {
  readonly header: ShapeHeader
  readonly generation: number
  readonly base: ShapeNode
  readonly segments: readonly Block[]
  readonly segmentBytes: number
  readonly path: readonly LogRecord[]
}

/** @throws when a record is not what was written. */
export function readShape(key: string, { generation, head, segments, log }: KeptTexts): KeptShape {
  const { at, boundary, segments: count, ...rest } = JSON.parse(head) as Head
  if (segments.length !== count) throw new SyntaxError('segments are missing')
  const base = shapeNode(at, boundary)
  const records = log.map(decodeLogRecord).sort((a, b) => a.to.seq - b.to.seq)
  return {
    header: { key, ...rest },
    generation,
    base,
    segments: segments.map(decodeSegment),
    segmentBytes: segments.reduce((sum, { length }) => sum + length, 0),
    path: furthestPath(base, records),
  }
}

export const endOf = ({ base, path }: KeptShape): ShapeNode => path.at(-1)?.to ?? base

/** What is told of a shape. Rows are folded only where blocks cannot say it: digested keys, and windows that were narrower in between. */
export function toldShape(shape: KeptShape, position: Position, usedAt: number): StoredShape {
  const { header, segments, path } = shape
  const { boundary } = endOf(shape)
  const digested = path.some(({ parts }) =>
    parts.some(({ blocks }) => blocks.some(({ gone }) => gone?.length)),
  )
  const plain = boundary === undefined && !digested
  const blocks = plain
    ? [...segments, ...path.flatMap(({ parts }) => parts.flatMap((part) => part.blocks))]
    : encodeSegments(foldedRows(shape, path.length)).map(decodeSegment)
  return { ...header, position, boundary, blocks, usedAt }
}

/** The rows after the first `steps` of the path. */
export function foldedRows({ header, base, segments, path }: KeptShape, steps: number) {
  const fold = new ShapeFold(header)
  fold.apply(segments, base.position)
  for (const { parts } of path.slice(0, steps)) {
    for (const { at, blocks, boundary } of parts) {
      fold.apply(blocks, at)
      fold.endAt(boundary)
    }
  }
  return fold.rows()
}

/**
 * Adds a generation of a shape and takes away the older ones. It fails as a whole when the generation is there: somebody else was first.
 * Steps that end before `node` lead nowhere from there; those that end behind it may be another tab's, and lead on.
 */
export function generationOps(
  room: string,
  { key, ...header }: ShapeHeader,
  generation: number,
  node: ShapeNode,
  segments: readonly string[],
): BlindOp[] {
  const { position: at, boundary } = node
  const head: Head = {
    ...header,
    at,
    ...(boundary === undefined ? {} : { boundary }),
    segments: segments.length,
  }
  const shape = [room, key]
  return [
    { do: 'add', store: 'heads', key: [...shape, generation], value: JSON.stringify(head) },
    ...segments.map(
      (value, i): BlindOp => ({ do: 'put', store: 'segs', key: [...shape, generation, i], value }),
    ),
    { do: 'clear', store: 'heads', range: below(shape, generation) },
    { do: 'clear', store: 'segs', range: below(shape, generation) },
    { do: 'clear', store: 'log', range: below(shape, node.seq) },
  ]
}

/** Takes away a generation that is of no use, and what has been kept behind it. A newer one stays. */
export const leavingsOps = (room: string, key: string, generation: number): BlindOp[] => [
  { do: 'clear', store: 'heads', range: below([room, key], generation + 1) },
  { do: 'clear', store: 'segs', range: below([room, key], generation + 1) },
  { do: 'clear', store: 'log', range: under(room, key) },
]

export const dropOps = (room: string, key: string): BlindOp[] => [
  { do: 'clear', store: 'heads', range: under(room, key) },
  { do: 'clear', store: 'segs', range: under(room, key) },
  { do: 'clear', store: 'log', range: under(room, key) },
  { do: 'delete', store: 'used', key: [room, key] },
]
