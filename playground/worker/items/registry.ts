import { SyncRegistry } from '@durable-sync/server/registry'
import type { Claims } from '../claims.ts'

export interface Category {
  readonly id: string
  readonly name: string
  /** How many items are in it; a trigger keeps it. */
  readonly items: number
}

export interface Item {
  readonly id: string
  /** The id of its category. */
  readonly category: string
  readonly name: string
  readonly description: string
}

/** What a page may do in a shop: look, and put an item into another category. */
export const itemsRegistry = new SyncRegistry<Claims, object, { categories: Category; items: Item }>()
  .defineCollection({ table: 'categories', pk: 'id' })
  .defineCollection({ table: 'items', pk: 'id' })
  .defineMutation({
    collection: 'items',
    type: 'update',
    writable: ['category'],
    check: ({ op, sql }) => {
      const there = sql.exec('SELECT 1 FROM categories WHERE id = ?', op.cols.category ?? '').toArray()
      if (there.length === 0) throw new Error('There is no such category.')
    },
  })

/** The contract of a shop, as a type. */
export type ItemsApi = typeof itemsRegistry
