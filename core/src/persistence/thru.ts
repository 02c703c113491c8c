import type { Position } from '../wire/index.ts'

/** Where shapes are that saw nothing: from which state, and at which position. */
export type Thru = Readonly<Record<string, readonly [node: string, position: Position]>>
