import { LabObject } from '../lab/lab-object.ts'
import { seed } from '../seed.ts'
import type { Env } from '../worker.ts'
import { itemsRegistry } from './registry.ts'
import { seedCategories, seedItems } from './seed-items.ts'

/** One shop: twelve categories of four hundred items. */
export class Shop extends LabObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      ctx.storage.transactionSync(() => this.#create())
      this.registerSync(itemsRegistry)
    })
  }

  #create(): void {
    this.sql.exec(`
      CREATE TABLE IF NOT EXISTS categories (id TEXT PRIMARY KEY, name TEXT NOT NULL, items INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS items (
        id TEXT PRIMARY KEY, category TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS items_by_category ON items (category, id);
      CREATE TRIGGER IF NOT EXISTS items_moved AFTER UPDATE OF category ON items WHEN old.category <> new.category BEGIN
        UPDATE categories SET items = items - 1 WHERE id = old.category;
        UPDATE categories SET items = items + 1 WHERE id = new.category;
      END;
    `)
    if (this.sql.exec('SELECT 1 FROM categories LIMIT 1').toArray().length > 0) return
    const items = seedItems()
    const categories = seedCategories()
    const itemsIn = (category: string) => items.filter((item) => item.category === category).length
    seed(
      this.sql,
      'categories',
      ['id', 'name', 'items'],
      categories.map((category) => [category.id, category.name, itemsIn(category.id)]),
    )
    seed(
      this.sql,
      'items',
      ['id', 'category', 'name', 'description'],
      items.map((item) => [item.id, item.category, item.name, item.description]),
    )
  }
}
