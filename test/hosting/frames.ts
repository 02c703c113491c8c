import type { PushItem } from '@durable-sync/core/wire'

/** An insert of one row of a table whose only column besides `id` is `column`. */
export const insertInto = (
  collection: string,
  cid: string,
  n: number,
  key: string,
  cols: Record<string, string | number | null> = {},
): PushItem => ({ cid, n, do: 'mutate', ops: [{ collection, type: 'insert', key, cols }] })

/** The cids of a hello that declares `cid` and has seen nothing. */
export const declaring = (cid: string) => ({ cids: [{ cid, seen: 0 }] })

/** Milliseconds since 1970 as a token says them. */
export const seconds = (ms: number) => ms / 1000
