import type { Row } from '../row.ts'

/** What a page keeps rows and writes in. Each name is a database of its own, opened and closed by each of these. */
export interface PageStore {
  keepRows(name: string, rows: readonly Row[]): Promise<void>
  keepWrites(name: string, rows: readonly Row[]): Promise<void>
  /** Keeps these changes of rows, one after the other. Returns what each took, in milliseconds. */
  keepChanges(name: string, changes: readonly (readonly Row[])[]): Promise<number[]>
  /** Returns how many rows there are. */
  readRows(name: string): Promise<number>
  readWrites(name: string): Promise<number>
}

/** How long `work` takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
