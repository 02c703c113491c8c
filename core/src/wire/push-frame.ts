import type { WireValues } from './cell.ts'

/** One operation of a mutation. */
export interface WireOp {
  readonly collection: string
  readonly type: 'insert' | 'update' | 'delete'
  readonly key: string
  /** Insert: the full row. Update: the changed columns. Delete: absent. */
  readonly cols?: WireValues
}

interface Numbered {
  readonly cid: string
  readonly n: number
  /** It may have been sent before: the server counts attempts, so that a handler that crashes the object is given up on. */
  readonly again?: boolean
}

export interface Mutation extends Numbered {
  readonly do: 'mutate'
  readonly ops: readonly WireOp[]
  /** Set only where a push is read: it says so many operations, which are more than are allowed. None of them was made, and it is rejected. */
  readonly excess?: number
}

export type PushItem =
  | Mutation
  | (Numbered & { readonly do: 'call'; readonly name: string; readonly args: unknown })
  | (Numbered & { readonly do: 'skip' })

/** Everything that one tick of the client wrote, in order. Each item is atomic, the frame is not. It travels as a `PackedPush`. */
export interface PushFrame {
  readonly type: 'push'
  readonly items: readonly PushItem[]
}
