import { DurableObject } from 'cloudflare:workers'
import type { PlaceCell, Predicate } from '@durable-sync/core/wire'
import { FilteredReader } from '../../server/src/filtered-reader.ts'
import { quote } from '../../server/src/identifier.ts'
import { checkOrder } from '../../server/src/order-sql.ts'
import type { RowPage } from '../../server/src/page-reader.ts'
import { type CompiledPredicate, compilePredicate } from '../../server/src/predicate-sql.ts'
import { isRefusal } from '../../server/src/refusal.ts'
import type { ErasedCollection } from '../../server/src/registry/registered.ts'
import { RowReader } from '../../server/src/row-reader.ts'
import { rowSql } from '../../server/src/row-sql.ts'
import { readTableSchema, type TableSchema } from '../../server/src/table-schema.ts'
import { WindowReader } from '../../server/src/window-reader.ts'
import type { JoinPages, Pages, ParityVerbs, Selected, TableOf, WindowRead } from './parity-verbs.ts'
import { RowCounter } from './row-counter.ts'

type Handlers = { [V in keyof ParityVerbs]: (args: ParityVerbs[V]['args']) => ParityVerbs[V]['result'] }

/** A cell as text. `JSON.stringify` knows no infinity. */
const textOf = (cell: PlaceCell): string => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell))

/** What a test may break: patched sources look at it. */
const switches = globalThis as { brokenOperator?: string | null }

/** The library's compiler and readers over tables of the test's own, without any sync. */
export class ParityObject extends DurableObject {
  readonly #counter: RowCounter

  constructor(ctx: DurableObjectState, env: unknown) {
    const counter = new RowCounter(ctx.storage.sql)
    super(ctx, env as never)
    this.#counter = counter
  }

  /** Carries out one verb; arguments and result are JSON text. */
  control(verb: string, args: string): string {
    const handlers = this.#handlers()
    if (!Object.hasOwn(handlers, verb)) throw new Error(`there is no verb "${verb}"`)
    const handler = handlers[verb as keyof Handlers] as (given: unknown) => unknown
    return JSON.stringify(handler(JSON.parse(args)))
  }

  #handlers(): Handlers {
    const { sql } = this.ctx.storage
    return {
      exec: ({ statements }) => {
        for (const statement of statements) sql.exec(statement)
        return null
      },
      columns: (of) => {
        const schema = this.#schema(of)
        const text = `SELECT ${rowSql(sql, schema)} FROM ${quote(schema.name)} ORDER BY ${quote(schema.name)}.${quote(schema.key)}`
        return {
          cols: schema.columns.map(({ name }) => name),
          rows: [...sql.exec(text).raw<[string]>()].map(([row]) => row),
        }
      },
      select: ({ predicates, ...of }) => {
        const schema = this.#schema(of)
        return predicates.map((each) => this.#select(compilePredicate(each, schema), schema))
      },
      pages: ({ where, sizes, ...of }) => this.#pages(this.#schema(of), where, sizes),
      windows: ({ reads, ...of }) => {
        const schema = this.#schema(of)
        return reads.map((read) => this.#window(schema, read))
      },
      plan: ({ where, ...of }) => {
        const compiled = this.#compiled(this.#schema(of), where)
        const text = `EXPLAIN QUERY PLAN SELECT * FROM ${quote(of.table)} WHERE ${compiled.sql}`
        return sql
          .exec<{ detail: string }>(text, ...compiled.params)
          .toArray()
          .map(({ detail }) => detail)
      },
      break: ({ name }) => {
        switches.brokenOperator = name
        return null
      },
    }
  }

  #schema({ table, kinds }: TableOf): TableSchema {
    return readTableSchema(this.ctx.storage.sql, { table, pk: 'id', kinds } as unknown as ErasedCollection)
  }

  #compiled(schema: TableSchema, where: Predicate): CompiledPredicate {
    const compiled = compilePredicate(where, schema)
    if (isRefusal(compiled)) throw new Error(compiled.message)
    return compiled
  }

  #select(compiled: ReturnType<typeof compilePredicate>, { name, key }: TableSchema): Selected {
    if (isRefusal(compiled)) return { refused: compiled.code }
    const text = `SELECT ${quote(name)}.${quote(key)} FROM ${quote(name)} WHERE ${compiled.sql}`
    try {
      const keys = [...this.ctx.storage.sql.exec(text, ...compiled.params).raw<[string]>()]
      return { keys: keys.map(([each]) => each), exact: compiled.exact }
    } catch (cause) {
      throw new Error(`${JSON.stringify(compiled.predicate)}: ${text}`, { cause })
    }
  }

  #pages(schema: TableSchema, where: Predicate | null, sizes: readonly number[]): JoinPages[] {
    const { sql } = this.ctx.storage
    const reader = where
      ? new FilteredReader(sql, schema, this.#compiled(schema, where))
      : new RowReader(sql, schema)
    return sizes.map((bytes) => {
      this.#counter.reset()
      const pages: (readonly string[])[] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: RowPage = reader.page(after, bytes)
        pages.push(page.rows)
        after = page.last
      }
      return { pages, rowsRead: this.#counter.counts().rowsRead }
    })
  }

  #window(schema: TableSchema, read: WindowRead): Pages | { refused: string } {
    const refusal = checkOrder(read.order, schema)
    if (refusal) return { refused: refusal.code }
    const where = read.where && this.#compiled(schema, read.where)
    const reader = new WindowReader(this.ctx.storage.sql, schema, read.order, where)
    const pages: (readonly string[])[] = []
    const lasts: (string | null)[] = []
    const mores: boolean[] = []
    const rowsRead: number[] = []
    let after = read.after
    for (let i = 0; i < read.count; i++) {
      this.#counter.reset()
      const page = reader.read(after, read.limits[i % read.limits.length] ?? 1, read.bytes)
      rowsRead.push(this.#counter.counts().rowsRead)
      pages.push(page.rows)
      lasts.push(page.last?.map(textOf).join(' ') ?? null)
      mores.push(page.more)
      if (!page.more || page.last === null) break
      after = page.last
    }
    return { pages, lasts, mores, rowsRead }
  }
}
