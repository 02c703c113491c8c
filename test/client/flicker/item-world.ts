import type { Outcome, PushItem } from '@durable-sync/core/wire'
import type { Dice } from '../../soak/dice.ts'
import type { TanStack } from '../tanstack-versions.ts'
import { ItemPage } from './item-page.ts'
import type { ItemRow } from './item-row.ts'
import { COLLECTIONS, type CollectionName, FILTERS, isQuery, VIEWS, type ViewName } from './item-views.ts'
import { MemoryObject } from './memory-object.ts'
import { type Made, type MadeOp, RowStory } from './row-law.ts'
import { SlowDevice } from './slow-device.ts'
import { WatchedView } from './watched-view.ts'

export const KEYS = ['a', 'b', 'c', 'd'] as const

export interface WorldOptions {
  readonly db: TanStack
  readonly settleOn: 'device' | 'server'
  readonly dice: Dice
}

/** What is used of TanStack DB's transactions. */
interface Transaction {
  readonly state: string
  readonly isPersisted: { readonly promise: Promise<unknown> }
  commit(): Promise<unknown>
  rollback(): unknown
}

/** One device, one page on it at a time, and the object: everything that moves between them moves when it is told to. */
export class ItemWorld {
  /** What was wrong, and with what was done before. */
  readonly problems: string[] = []
  readonly diary: string[] = []
  readonly object: MemoryObject
  readonly device = new SlowDevice()
  page: ItemPage
  /** A transaction that the application has not committed yet. */
  open: { readonly tx: Transaction; readonly made: Made } | undefined
  readonly #options: WorldOptions
  readonly #made: Made[] = []
  readonly #doomed = new Set<string>()
  readonly #stories = new Map(KEYS.map((key) => [key as string, new RowStory()]))
  readonly #views: ReadonlyMap<ViewName, WatchedView>
  /** Transactions of this page that are not settled. */
  readonly #persisting = new Set<object>()
  readonly #confirmed = new Set<string>()
  #copied: ReadonlySet<Made> | undefined
  #tags = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.object = new MemoryObject(
      {
        stored: (key, row) => void this.#story(key).versions.push({ row }),
        decided: (item, outcome) => this.#decided(item, outcome),
      },
      (item) => this.#doomed.has(this.#madeOf(item)?.tag ?? ''),
    )
    const complain = (what: string) => void this.problems.push(what)
    const stories = { keys: KEYS, of: (key: string) => this.#story(key) }
    this.#views = new Map(
      VIEWS.map((name) => [name, new WatchedView(name, FILTERS[name], stories, complain)]),
    )
    this.page = this.#openPage()
  }

  get events(): number {
    return [...this.#views.values()].reduce((sum, { events }) => sum + events, 0)
  }

  note(what: string): void {
    this.diary.push(what)
  }

  show(name: ViewName, since: 'start' | 'later'): void {
    const view = this.#views.get(name)
    if (!view || view.isShown) return
    const { page } = this
    view.mount(isQuery(name) ? page.queries[name]() : page.collections[name], since)
  }

  get hidden(): readonly ViewName[] {
    return VIEWS.filter((name) => !this.#views.get(name)?.isShown)
  }

  /** The application writes one row, or two in one transaction that it commits at once or later. */
  write(): void {
    const { dice } = this.#options
    if (dice.chance(0.25) && !this.open) this.#writeTwo()
    else this.#writeOne()
  }

  #writeOne(): void {
    const { dice } = this.#options
    const tag = this.#newTag()
    const name = this.#writable()
    // Rows of an open transaction are left alone: which of two writes is the later one is only known when both are committed.
    const key = dice.pick(KEYS.filter((each) => !this.open?.made.ops.some((op) => op.key === each)))
    const op = this.#op(name, key, tag)
    const made = this.#make(tag, [op])
    const tx = this.#run(name, op)
    tx.isPersisted.promise.catch(() => {})
    this.#adopt(made, tx)
  }

  #writeTwo(): void {
    const { dice } = this.#options
    const tag = this.#newTag()
    const [one, two] = dice.shuffled(KEYS)
    const parts = [one, two].flatMap((key) => {
      if (key === undefined) return []
      const name = this.#writable()
      return [{ name, op: this.#op(name, key, tag) }]
    })
    const made = this.#make(
      tag,
      parts.map(({ op }) => op),
    )
    const tx = this.page.transaction(() => {
      for (const { name, op } of parts) this.#run(name, op)
    })
    // Until it is committed TanStack DB may roll it back, with one of the same row that is refused.
    made.end = 'free'
    this.open = { tx, made }
    if (dice.chance(0.5)) this.commitOpen()
  }

  commitOpen(): void {
    const { open } = this
    if (!open) return
    this.open = undefined
    this.note(`commit ${open.made.tag}`)
    if (open.tx.state !== 'pending') return
    open.made.end = 'open'
    open.tx.commit().catch(() => {})
    this.#adopt(open.made, open.tx)
  }

  rollBackOpen(): void {
    const { open } = this
    if (!open) return
    this.open = undefined
    this.note(`roll back ${open.made.tag}`)
    if (open.tx.state === 'pending') open.tx.rollback()
  }

  /** The application takes back a write that was not sent. */
  discard(): void {
    const items = this.page.client.pendingWrites.get().items
    const item = items.length > 0 ? this.#options.dice.pick(items) : undefined
    const made = this.#made.find(({ id }) => id !== undefined && id === item?.id)
    if (made?.end !== 'open') return
    this.note(`discard ${made.tag}`)
    made.end = 'free'
    this.page.client.discardPending(made.id ?? '').catch(() => {
      if (made.end === 'free') made.end = 'open'
    })
  }

  remoteWrite(): void {
    const { dice } = this.#options
    const key = dice.pick(KEYS)
    const row = this.object.history.rows.get(key)
    const tag = this.#newTag('r')
    if (row && dice.chance(0.25)) {
      this.note(`remote delete ${key}`)
      this.object.write(key, null)
      return
    }
    const columns = this.#columns(tag)
    const next: ItemRow = {
      ...(row ?? { id: key, list: 'a', title: tag, note: tag }),
      ...columns,
      id: key,
      tag,
    }
    this.note(`remote ${JSON.stringify(next)}`)
    this.object.write(key, next)
  }

  copy(): void {
    this.object.history.copy()
    this.#copied = new Set(this.#made.filter(({ decided }) => decided === 'yes'))
  }

  restore(): void {
    if (!this.#copied) return
    const { items } = this.page.client.pendingWrites.get()
    for (const made of this.#made) {
      // What was confirmed is nobody's any more when the restore takes it away, and so is what is about to be.
      const mayWait = items.some(({ id }) => id === made.id) && !this.page.pipe.isBusy
      if (made.decided === 'yes' && !mayWait) this.#confirmed.add(made.tag)
      made.decided = this.#copied.has(made) ? 'yes' : 'no'
    }
    this.object.restore()
  }

  /** The page goes, with everything kept, or killed in the middle of it; another one comes. */
  async reload(how: 'orderly' | 'killed'): Promise<void> {
    this.open = undefined
    const { page } = this
    this.#endViews(how)
    if (how === 'killed') {
      this.device.kill(page)
      page.pipe.detach()
    } else {
      const closed = page.client.close()
      while (await this.device.move()) await this.rest()
      await closed
    }
    await this.rest()
    this.#endWrites()
    this.#complainOf(page)
    this.page = this.#openPage()
  }

  /** Lets what is on its way within the page arrive. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    // TanStack DB hands on nothing while a transaction is persisting, and calls a collection ready all the same.
    if (this.#persisting.size === 0) for (const view of this.#views.values()) view.look()
  }

  /** Nothing is on its way any more. */
  async calm(): Promise<void> {
    const { page, device } = this
    for (let i = 0; i < 2000; i++) {
      await this.rest()
      if (page.pipe.moveUp() || page.pipe.moveDown() || (await device.move())) continue
      await this.rest()
      if (!page.pipe.isBusy && !device.isBusy) return
    }
    throw new Error('it never becomes calm')
  }

  /** With everything arrived, views show the server's rows with what is pending over them, unless TanStack DB keeps them back. */
  arrived(): void {
    if (this.open || this.#persisting.size > 0) return
    const { pendingWrites } = this.page.client
    const ids = new Set(pendingWrites.get().items.map(({ id }) => id))
    for (const view of this.#views.values()) view.arrived(({ id }) => id !== undefined && ids.has(id))
  }

  /** The end of the schedule: everything is decided, and client and server are equal. */
  checkEnd(): void {
    const { pendingWrites } = this.page.client
    if (pendingWrites.get().count > 0)
      this.problems.push(`still pending: ${JSON.stringify(pendingWrites.get().items)}`)
    this.arrived()
    const { ran } = this.object.history
    const often = new Set(ran.filter((tag, i) => ran.indexOf(tag) !== i))
    if (often.size > 0) this.problems.push(`applied more than once: ${[...often].join()}`)
    for (const { tag, ops, end, stored } of this.#made) {
      const tagged = ops.some(({ type }) => type !== 'delete')
      if (tagged && end === 'open' && stored === 'yes' && !ran.includes(tag) && !this.#confirmed.has(tag))
        this.problems.push(`never applied, and nobody was told: ${tag}`)
    }
    this.#complainOf(this.page)
  }

  async close(): Promise<void> {
    this.#endViews('killed')
    const closed = this.page.client.close()
    while (await this.device.move()) await this.rest()
    await closed
  }

  #openPage(): ItemPage {
    const { db, settleOn, dice } = this.#options
    const { object, device } = this
    const page = new ItemPage({ object, device, db, settleOn })
    this.page = page
    this.#persisting.clear()
    for (const name of VIEWS) if (name === 'all' || dice.chance(0.6)) this.show(name, 'start')
    return page
  }

  #endViews(how: 'orderly' | 'killed'): void {
    for (const view of this.#views.values()) view.endPage(how)
  }

  /** What was not kept when its page ended may be kept after all, or not. */
  #endWrites(): void {
    for (const made of this.#made) if (made.end === 'open' && made.stored === 'no') made.end = 'free'
  }

  #complainOf(page: ItemPage): void {
    for (const error of page.errors)
      this.problems.push(`reported: ${error instanceof Error ? error.stack : error}`)
  }

  #story(key: string): RowStory {
    const story = this.#stories.get(key)
    if (!story) throw new Error(`no such key: ${key}`)
    return story
  }

  #newTag(kind: 'w' | 'r' = 'w'): string {
    return `${kind}${++this.#tags}`
  }

  #writable(): CollectionName {
    const shown = COLLECTIONS.filter((name) => this.#views.get(name)?.isShown)
    return this.#options.dice.pick(shown)
  }

  #columns(tag: string): Partial<ItemRow> {
    const { dice } = this.#options
    return {
      ...(dice.chance(0.6) ? { title: tag } : {}),
      ...(dice.chance(0.4) ? { note: tag } : {}),
      ...(dice.chance(0.25) ? { list: dice.pick(['a', 'b']) } : {}),
    }
  }

  #op(own: CollectionName, key: string, tag: string): MadeOp {
    const { dice } = this.#options
    const collection = this.page.collections[own]
    const row = collection.get(key)
    if (!row) {
      const list = dice.chance(0.7) ? 'a' : 'b'
      return { type: 'insert', key, own, cols: { id: key, list, title: tag, note: tag, tag } }
    }
    if (dice.chance(0.2)) return { type: 'delete', key, own, cols: {} }
    const columns = this.#columns(tag)
    // TanStack DB drops what does not change.
    const cols = Object.fromEntries(
      Object.entries({ ...columns, tag }).filter(([name, value]) => row[name as keyof ItemRow] !== value),
    )
    return { type: 'update', key, own, cols }
  }

  #run(own: string, { type, key, cols }: MadeOp) {
    const collection = this.page.collections[own as CollectionName]
    if (type === 'insert') return collection.insert(cols as ItemRow)
    if (type === 'delete') return collection.delete(key)
    return collection.update(key, (draft) => void Object.assign(draft, cols))
  }

  #make(tag: string, ops: readonly MadeOp[]): Made {
    const made: Made = { tag, ops, id: undefined, stored: 'no', end: 'open', decided: 'no' }
    this.note(`write ${tag} ${ops.map((op) => JSON.stringify(op)).join(' ')}`)
    this.#made.push(made)
    if (this.#options.dice.chance(0.15)) this.#doomed.add(tag)
    for (const key of new Set(ops.map((op) => op.key)))
      this.#story(key).touches.push({ made, ops: ops.filter((op) => op.key === key), came: [] })
    return made
  }

  /** The client has taken it. */
  #adopt(made: Made, tx: Pick<Transaction, 'isPersisted'>): void {
    const { client } = this.page
    const persisted = () => void this.#persisting.delete(tx)
    this.#persisting.add(tx)
    tx.isPersisted.promise.then(persisted, persisted)
    made.id = client.pendingWrites.get().items.at(-1)?.id
    client.whenStored(tx).then(
      () => {
        made.stored = 'yes'
      },
      () => {},
    )
    client.whenConfirmed(tx).then(
      () => {},
      (error: { code?: string }) => {
        this.note(`${made.tag} failed: ${error.code ?? error}`)
        if (error.code === 'outcome-unknown') made.end = 'free'
      },
    )
  }

  #decided(item: PushItem, outcome: Outcome): void {
    const made = this.#madeOf(item)
    if (!made) return
    made.decided = 'yes'
    if (outcome.is !== 'committed') {
      made.end = 'refused'
      return
    }
    for (const key of new Set(made.ops.map((op) => op.key)))
      for (const touch of this.#story(key).touches)
        if (touch.made === made) touch.came.push(this.#story(key).head)
  }

  /** Deletes carry no tag: it is the first that is not decided, of those that the page has. */
  #madeOf(item: PushItem): Made | undefined {
    const ops = item.do === 'mutate' ? item.ops : []
    const tag = ops.map(({ cols }) => cols?.tag).find((each) => each !== undefined)
    if (tag !== undefined) return this.#made.find((made) => made.tag === tag)
    const text = (all: readonly { type: string; key: string }[]) =>
      all.map(({ type, key }) => `${type} ${key}`).join()
    const { items } = this.page.client.pendingWrites.get()
    return this.#made.find(
      ({ id, decided, ops: own }) =>
        decided === 'no' && items.some((each) => each.id === id) && text(own) === text(ops),
    )
  }
}
