import { createTransaction } from '@tanstack/db'
import type { Behaviour } from '../worker/rows.ts'
import type { Dice } from './dice.ts'
import type { Tab } from './tab.ts'

/** Few keys, so that writes meet. */
const TODOS = ['t0', 't1', 't2', 't3', 't4']
const NOTES = ['n0', 'n1', 'n2', 'n3']
/** UNIQUE on the server: an insert that takes another note's slug evicts that note. */
const SLUGS = ['s0', 's1', 's2']

const REFUSED: readonly Behaviour[] = [
  'authorize-throw',
  'authorize-false',
  'check-throw',
  'check-false',
  'execute-throw',
  'execute-throw-late',
  'execute-thenable',
]

/** What is needed of a TanStack transaction, whatever its rows are. */
interface Written {
  readonly isPersisted: { readonly promise: Promise<unknown> }
}

/** What one operation does, with its tag if it leaves one. */
interface Operation {
  readonly tagged: boolean
  /** Returns the transaction that it belongs to: the current one, or one of its own. */
  run(tag: string): Written
}

type Kind = 'todo' | 'note' | 'job' | 'slow job' | 'refused job' | 'refused todo' | 'crashing job'

/** Makes a client write, as its own view of the rows allows. */
export class ClientWrites {
  readonly #tab: Tab
  readonly #dice: Dice

  constructor(tab: Tab, dice: Dice) {
    this.#tab = tab
    this.#dice = dice
  }

  /** One write of any kind: one operation, or several of several collections that happen together. */
  any(): void {
    if (this.#dice.chance(0.2)) this.#write([this.#todo(), this.#note(), this.#job('plain', 0)])
    else if (this.#dice.chance(0.1)) this.#write([this.#todo(), this.#note()])
    else this.one(this.#dice.weighted(KINDS))
  }

  one(kind: Kind): void {
    this.#write([this.#operation(kind)])
  }

  #operation(kind: Kind): Operation {
    const dice = this.#dice
    switch (kind) {
      case 'todo':
        return this.#todo()
      case 'note':
        return this.#note()
      case 'job':
        return this.#job('plain', 0)
      case 'slow job':
        return this.#job('plain', dice.between(3, 30))
      case 'refused job':
        return this.#job(dice.pick(REFUSED), dice.chance(0.5) ? 0 : dice.between(1, 10))
      case 'refused todo':
        return this.#stolenTodo()
      case 'crashing job':
        return this.#job('execute-abort', 0)
      default:
        return kind satisfies never
    }
  }

  #write(operations: readonly Operation[]): void {
    const { client, ledger } = this.#tab
    const tags = operations.map((_, i) => ledger.nextTag(i))
    const [only] = operations
    // One operation alone is written as applications mostly do it, and as a transaction of one.
    const direct = operations.length === 1 && this.#dice.chance(0.6)
    const tx = direct && only ? only.run(tags[0] as string) : this.#together(operations, tags)
    tx.isPersisted.promise.catch(() => {
      // The ledger hears of it from `whenConfirmed`, which does not depend on what else was rolled back here.
    })
    const traced = tags.filter((_, i) => operations[i]?.tagged)
    ledger.add(traced, client.whenConfirmed(tx))
  }

  #together(operations: readonly Operation[], tags: readonly string[]): Written {
    const { mutationFn } = this.#tab.client
    const tx = createTransaction({ mutationFn, autoCommit: false })
    tx.mutate(() => {
      for (const [i, operation] of operations.entries()) operation.run(tags[i] as string)
    })
    void tx.commit().catch(() => undefined)
    return tx
  }

  #todo(): Operation {
    const { todos } = this.#tab.rows
    const dice = this.#dice
    const id = dice.pick(TODOS)
    if (!todos.has(id)) return { tagged: true, run: (title) => todos.insert(this.#newTodo(id, title)) }
    if (dice.chance(0.3)) return { tagged: false, run: () => todos.delete(id) }
    const rank = dice.chance(0.5) ? dice.between(-5, 5) / 2 : null
    return {
      tagged: true,
      run: (title) =>
        todos.update(id, (draft) => {
          draft.title = title
          if (dice.chance(0.5)) draft.rank = rank
          if (dice.chance(0.3)) draft.done = !draft.done
          if (dice.chance(0.2)) draft.due_at = new Date(dice.between(0, 10 ** 12))
        }),
    }
  }

  #newTodo(id: string, title: string) {
    const dice = this.#dice
    const some = <T>(value: T) => (dice.chance(0.5) ? value : null)
    const row = {
      id,
      title,
      done: dice.chance(0.5),
      due_at: some(new Date(dice.between(0, 10 ** 12))),
      meta: some({ from: title, list: [1, 'two', null] }),
      views: some(BigInt(dice.between(0, 1000)) * (dice.chance(0.3) ? 10n ** 15n : 1n)),
      avatar: some(Uint8Array.from([dice.between(0, 255), 0, 255])),
      rank: some(dice.between(-9, 9) / 4),
    }
    // No client may set the owner, so its insert does not name it.
    return row as typeof row & { owner: string | null }
  }

  /** Sets the owner, which the server rejects. */
  #stolenTodo(): Operation {
    const { todos } = this.#tab.rows
    const id = this.#tab.ledger.nextTag(9)
    return {
      tagged: true,
      run: (title) => todos.insert({ ...this.#newTodo(id, title), owner: 'me' }),
    }
  }

  #note(): Operation {
    const { notes } = this.#tab.rows
    const dice = this.#dice
    const id = dice.pick(NOTES)
    const slug = dice.pick(SLUGS)
    if (!notes.has(id)) return { tagged: true, run: (title) => notes.insert({ id, slug, title }) }
    if (dice.chance(0.4)) return { tagged: false, run: () => notes.delete(id) }
    const moves = dice.chance(0.4)
    return {
      tagged: true,
      run: (title) =>
        notes.update(id, (draft) => {
          draft.title = title
          if (moves) draft.slug = slug
        }),
    }
  }

  #job(behaviour: Behaviour, delay: number): Operation {
    const { jobs } = this.#tab.rows
    return { tagged: true, run: (id) => jobs.insert({ id, behaviour, delay }) }
  }
}

const KINDS: Readonly<Partial<Record<Kind, number>>> = {
  todo: 8,
  note: 7,
  job: 2,
  'slow job': 2,
  'refused job': 1.5,
  'refused todo': 0.5,
}
