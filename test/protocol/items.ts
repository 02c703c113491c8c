import type { PushItem, WireOp, WireValue } from '@durable-sync/core/wire'

/** The client id that most tests write under: rooms are never shared, so it need not be unique. */
export const CID = 'cid-1'

/** What a hello says of `CID` when nothing was ever settled. */
export const declared = { cids: [{ cid: CID, seen: 0 }] }

type Cols = Readonly<Record<string, WireValue>>

export const insert = (collection: string, key: string, cols: Cols): WireOp => ({
  collection,
  type: 'insert',
  key,
  cols,
})

export const update = (collection: string, key: string, cols: Cols): WireOp => ({
  collection,
  type: 'update',
  key,
  cols,
})

export const remove = (collection: string, key: string): WireOp => ({ collection, type: 'delete', key })

export const mutate = (n: number, ...ops: WireOp[]): PushItem => ({ cid: CID, n, do: 'mutate', ops })

export const call = (n: number, name: string, args: unknown = null): PushItem => ({
  cid: CID,
  n,
  do: 'call',
  name,
  args,
})

export const skip = (n: number): PushItem => ({ cid: CID, n, do: 'skip' })

export const under = (cid: string, item: PushItem): PushItem => ({ ...item, cid })

export const again = (item: PushItem): PushItem => ({ ...item, again: true })

/** A job whose row says how its insert goes wrong, and how many milliseconds `authorize` takes. */
export const job = (n: number, key: string, behaviour = 'plain', delay = 0): PushItem =>
  mutate(n, insert('jobs', key, { behaviour, delay }))

export const sample = (n: number, key: string, cols: Cols = {}): PushItem =>
  mutate(n, insert('samples', key, cols))
