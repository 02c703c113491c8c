import { RowCounter } from '../../worker/row-counter.ts'
import { INSERT_ROWS, type RoomVerbs, TOUCH_ROWS, type VerbSql } from './room-verbs.ts'

type Handlers = { [V in keyof RoomVerbs]: (args: RoomVerbs[V]['args']) => RoomVerbs[V]['result'] }

/** Carries out the verbs of one room. */
export class RoomControl {
  readonly #storage: SqlStorage
  readonly #handlers: Handlers
  #counter: RowCounter | undefined

  /** `sql` writes rows in such a way that clients hear of them; `abort` ends this instance of the object; `compact` shortens its log. */
  constructor(storage: SqlStorage, sql: VerbSql, abort: () => void, compact: () => void = () => {}) {
    this.#storage = storage
    this.#handlers = {
      insert: ({ rows }) => {
        sql.exec(INSERT_ROWS, JSON.stringify(rows))
        return null
      },
      touch: ({ ids, content }) => {
        sql.exec(TOUCH_ROWS, content, JSON.stringify(ids))
        return null
      },
      restart: () => {
        // After the answer.
        setTimeout(abort, 0)
        return null
      },
      compact: () => {
        compact()
        return null
      },
      count: () => {
        this.#counter ??= new RowCounter(this.#storage)
        this.#counter.reset()
        return null
      },
      counts: () => {
        if (!this.#counter) throw new Error('nothing is counted before the verb "count"')
        return { ...this.#counter.counts(), databaseSize: this.#storage.databaseSize }
      },
    }
  }

  /** Arguments and result are JSON text. */
  carryOut(verb: string, args: string): string {
    if (!Object.hasOwn(this.#handlers, verb)) throw new Error(`there is no verb "${verb}"`)
    const handler = this.#handlers[verb as keyof Handlers] as (given: unknown) => unknown
    return JSON.stringify(handler(JSON.parse(args)))
  }
}
