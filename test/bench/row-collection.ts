import type { Row } from './row.ts'

interface Written {
  readonly isPersisted: { readonly promise: Promise<unknown> }
}

export interface RowChange {
  readonly key: string
  readonly value: Row
}

/** What workloads do with a TanStack collection, whoever feeds it. */
export interface RowCollection {
  readonly size: number
  preload(): Promise<void>
  insert(rows: Row | Row[]): Written
  update(key: string, change: (draft: { content: string }) => void): Written
  subscribeChanges(hear: (changes: readonly RowChange[]) => void): { unsubscribe(): void }
}

/** The time at which `enough` first holds, in milliseconds of `performance.now()`. It is asked after every change. */
export function whenRows(
  rows: RowCollection,
  enough: (changes: readonly RowChange[]) => boolean,
): Promise<number> {
  return new Promise((resolve) => {
    const subscription = rows.subscribeChanges((changes) => {
      if (!enough(changes)) return
      resolve(performance.now())
      subscription.unsubscribe()
    })
  })
}

/** The time at which the collection shows so many rows. */
export const whenSize = (rows: RowCollection, size: number): Promise<number> =>
  whenRows(rows, () => rows.size >= size)
