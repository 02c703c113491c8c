import type { Block, Place, Position } from '../wire/index.ts'
import type { Boundary } from './room-storage.ts'
import { type ShapeNode, shapeNode } from './shape-node.ts'
import type { Step } from './shape-path.ts'

/** What one pass meant for a shape. */
export interface LogPart {
  /** Where the pass ended; keys of removals may be digested under it. */
  readonly at: Position
  readonly blocks: readonly Block[]
  readonly boundary?: Place | null
}

/** Leads a shape from one state to the next. It follows from its key alone what it says, whichever tab has written it. */
export interface LogRecord extends Step {
  readonly parts: readonly LogPart[]
  readonly bytes: number
}

type NodeText = readonly [position: Position, boundary?: Boundary]

const nodeFields = ({ position, boundary }: ShapeNode): NodeText =>
  boundary === undefined ? [position] : [position, boundary]

/** Where the record is, behind its room and shape: sorted by the position that it leads to. */
export const logKey = ({ from, to }: Step): [number, string] => [to.seq, `${to.text}<${from.text}`]

/** `encode` is given blocks, and may remember their text: shapes of one table are told the same. */
export function encodeLogRecord(
  { from, to }: Step,
  parts: readonly LogPart[],
  encode: (blocks: readonly Block[]) => string,
): string {
  const texts = parts.map(({ at, blocks, boundary }) => {
    const end = boundary === undefined ? '' : `,"boundary":${JSON.stringify(boundary)}`
    return `{"at":${JSON.stringify(at)},"blocks":${encode(blocks)}${end}}`
  })
  const ends = [from, to].map((node) => JSON.stringify(nodeFields(node)))
  return `{"from":${ends[0]},"to":${ends[1]},"parts":[${texts.join()}]}`
}

/** @throws when it is not what was written. */
export function decodeLogRecord(text: string): LogRecord {
  const { from, to, parts } = JSON.parse(text) as { from: NodeText; to: NodeText; parts: readonly LogPart[] }
  if (!parts.every((part) => typeof part.at === 'string' && part.blocks.every(isBlock)))
    throw new SyntaxError('not a log record')
  return { from: shapeNode(from[0], from[1]), to: shapeNode(to[0], to[1]), parts, bytes: text.length }
}

export const isBlock = ({ cols, up, del }: Block): boolean =>
  Array.isArray(cols) &&
  Array.isArray(del) &&
  Array.isArray(up) &&
  up.every((row) => row.length === cols.length)
