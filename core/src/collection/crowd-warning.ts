import { isDevelopment } from '../development.ts'
import type { TransactionLike } from './collection-options-shape.ts'

declare const process: { readonly env: { readonly NODE_ENV?: string } }

/** From about so many on, the next one takes longer than everything else that happens in a frame of the screen. */
const MANY = 500

/**
 * Says once for each collection that too many of its transactions are not confirmed: with each further one, TanStack DB computes the rows of all
 * of them anew. In development only.
 */
export function crowdWarning(): (transaction: TransactionLike, table: string) => void {
  const open = new WeakMap<object, number>()
  const told = new WeakSet<object>()
  return ({ mutations, isPersisted }, table) => {
    if (!isDevelopment() || process.env.NODE_ENV === 'production') return
    const collection = mutations[0]?.collection
    if (!collection || told.has(collection)) return
    const count = (open.get(collection) ?? 0) + 1
    open.set(collection, count)
    const leave = () => void open.set(collection, (open.get(collection) ?? 1) - 1)
    isPersisted.promise.then(leave, leave)
    if (count <= MANY) return
    told.add(collection)
    console.warn(
      `durable-sync: more than ${MANY} transactions of "${table}" are unconfirmed, and each further one takes longer. ` +
        `Write many rows with one insert([…]). Whoever writes much while offline sets settleOn: "device".`,
    )
  }
}
