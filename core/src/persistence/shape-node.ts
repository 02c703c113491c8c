import type { Position } from '../wire/index.ts'
import type { Boundary } from './room-storage.ts'

/**
 * A state that a shape can be in. Law: the rows of a shape follow from its position and, of a window, from where it ends; two tabs at
 * the same node hold the same rows.
 */
export interface ShapeNode {
  readonly position: Position
  readonly boundary: Boundary
  /** Equal for equal nodes. */
  readonly text: string
  readonly seq: number
}

export function shapeNode(position: Position, boundary: Boundary): ShapeNode {
  const text = boundary === undefined ? position : `${position} ${JSON.stringify(boundary)}`
  return { position, boundary, text, seq: seqOf(position) }
}

/** The number of the last change that a position covers. */
export const seqOf = (position: Position): number => Number(position.slice(0, position.indexOf('.')))

/** In which history of which object a position is: positions that share it lie on one line. Keys are digested under it. */
export const historyOf = (position: Position): string => position.slice(position.indexOf('.'))

/** Equal for windows that end at the same place. */
export const extentOf = ({ text, position }: ShapeNode): string => text.slice(position.length)
