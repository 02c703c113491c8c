import type { ClientFrame, Receipt } from '../../wire/index.ts'
import { Outbox } from '../outbox.ts'
import type { Settled } from '../outbox-event.ts'
import { type History, HonestServer, NOTHING } from './honest-server.ts'
import { SharedStorage } from './shared-storage.ts'

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

export type Ending = 'confirmed' | 'rejected' | 'unknown' | 'not kept' | 'discarded' | 'page gone'

interface Page {
  readonly outbox: Outbox
  /** Tells nobody any more, and hears nothing. */
  alive: boolean
  /** It has read the storage since it is the first. */
  leads: boolean
}

/**
 * Pages of one browser, which share a storage and tell each other at once what they keep and hear; the first has the socket. Writes are
 * commands whose names say which they are.
 */
export class OutboxWorld {
  readonly storage = new SharedStorage()
  readonly server = new HonestServer(({ n }) => n % 5 === 4, 4)
  readonly endings = new Map<string, Ending>()
  /** Writes that the storage has kept, in its order. */
  readonly stored: string[] = []
  /** What ran in any history. */
  readonly ranEver = new Set<string>()
  /** How often a history was taken back, and how many pages there ever were. */
  taken = 0
  opened = 0
  #pages: Page[] = []
  #up: ClientFrame[] = []
  #down: (() => void)[] = []
  #saved: History = NOTHING
  #rests: (() => void)[] = []
  #ids = 0
  #names = 0

  constructor() {
    this.open()
  }

  get pages(): number {
    return this.#pages.length
  }

  /** A page starts, with what is stored. */
  open(): void {
    this.opened++
    const page: Page = { outbox: this.#outbox(() => page), alive: true, leads: false }
    this.#pages.push(page)
    void this.#load(page)
  }

  write(which: number): void {
    const page = this.#pages[which % this.#pages.length]
    if (!page) return
    const name = `w${++this.#names}`
    const { stored, confirmed } = page.outbox.write({ do: 'call', name, args: null })
    stored.then(
      () => page.alive && this.stored.push(name),
      () => {},
    )
    confirmed.then(
      () => this.#end(name, 'confirmed'),
      (error: { code: string }) =>
        this.#end(
          name,
          ({ 'storage-failed': 'not kept', 'outcome-unknown': 'unknown', discarded: 'discarded' } as const)[
            error.code as 'discarded'
          ] ?? 'rejected',
        ),
    )
  }

  discard(which: number): void {
    const [leader] = this.#pages
    const items = leader?.outbox.pending.get().items ?? []
    const item = items[which % Math.max(1, items.length)]
    if (item) leader?.outbox.discardPending(item.id).catch(() => {})
  }

  /** A new socket of the first page: hello, welcome, the pass. */
  async connect(): Promise<void> {
    const [page] = this.#pages
    if (!page) return
    this.drop()
    await this.#load(page)
    page.leads = true
    const { welcome, settled } = this.server.welcome(page.outbox.claims)
    page.outbox.welcome(welcome)
    this.#down.push(() => {
      if (settled.length > 0) page.outbox.receipts(settled)
      page.outbox.live()
    })
  }

  /** The socket ends; what was on its way is lost. */
  drop(): void {
    this.#up = []
    this.#down = []
    this.#pages[0]?.outbox.lose()
  }

  /** The server takes the next frame. */
  serve(): void {
    const frame = this.#up.shift()
    if (!frame) return
    const before = this.server.history.ran.length
    const { receipts, refused } = this.server.hear(frame)
    for (const name of this.server.history.ran.slice(before)) this.ranEver.add(name)
    for (const refusal of refused) this.#down.push(() => this.#pages[0]?.outbox.refused(refusal))
    if (receipts.length > 0) this.#down.push(() => this.#receive(receipts))
  }

  /** The first page hears the next answer. */
  hear(): void {
    this.#down.shift()?.()
  }

  /** The first page is gone, and the next one takes the lead; without one, another starts. */
  async crash(begun: 'happens' | 'does not happen'): Promise<void> {
    this.drop()
    const [page] = this.#pages.splice(0, 1)
    if (page) {
      page.alive = false
      await this.storage.died(page.outbox, begun)
    }
    this.#rests = []
    if (this.#pages.length === 0) this.open()
  }

  save(): void {
    this.#saved = this.server.history
  }

  restore(): void {
    this.drop()
    this.server.history = this.#saved
    this.taken++
  }

  rest(): void {
    for (const wake of this.#rests.splice(0)) wake()
  }

  /** Until nothing is pending anywhere. */
  async finish(): Promise<void> {
    for (let i = 0; i < 400; i++) {
      this.storage.failNext = 'no'
      while (this.storage.underWay > 0) await this.storage.finish()
      if (i % 50 === 0) await this.connect()
      if (i % 50 === 49) for (const page of this.#pages) await this.#load(page)
      this.rest()
      this.serve()
      this.hear()
      await settle()
      if (this.#isQuiet()) return
    }
    throw new Error(`it never ends: ${JSON.stringify(this.#pages.map((page) => page.outbox.pending.get()))}`)
  }

  #isQuiet(): boolean {
    const idle = this.#up.length === 0 && this.#down.length === 0 && this.storage.underWay === 0
    return idle && this.#pages.every(({ outbox }) => outbox.size === 0)
  }

  #receive(receipts: readonly Receipt[]): void {
    this.#pages[0]?.outbox.receipts(receipts)
  }

  #end(name: string, ending: Ending): void {
    this.endings.set(name, ending)
  }

  /** What is stored, as a page reads it that starts, takes the lead, or has slept. */
  async #load(page: Page): Promise<void> {
    const known = page.outbox.pending.get().items.map(({ id }) => id)
    const { writes, failed } = await this.storage.room.load()
    if (!page.alive) return
    page.outbox.adopt(writes)
    const kept = new Set(writes.map(({ id }) => id))
    page.outbox.gone(
      known.filter((id) => !kept.has(id)),
      failed,
    )
    page.outbox.adoptFailed(failed)
  }

  #others(page: Page): Page[] {
    return this.#pages.filter((other) => other !== page)
  }

  #outbox(self: () => Page): Outbox {
    const keeper = () => this.storage.keeper(self().outbox)
    return new Outbox({
      now: () => 0,
      randomId: () => `id${++this.#ids}`,
      later: (task) => void this.#rests.push(() => self().alive && task()),
      keeper: {
        mark: (marks) => keeper().mark(marks),
        forget: (ids, failures) => keeper().forget(ids, failures),
        dropFailed: (ids) => keeper().dropFailed(ids),
        put: async (writes, drops) => {
          const ords = await keeper().put(writes, drops)
          const told = writes.map((write) => ({ ...write, room: 'room', ord: ords.get(write.id) ?? 0 }))
          for (const { outbox } of this.#others(self())) outbox.adopt(told, 'told')
          return ords
        },
      },
      schemaVersion: 1,
      limits: { frameBytes: 1000, itemsPerPush: 100, opsPerMutation: 10, cidsPerHello: 4 },
      leads: () => self().leads,
      willSend: () => this.#up.length > 0,
      send: (frame) => void (this.#pages[0] === self() && this.#up.push(structuredClone(frame))),
      redial: () => queueMicrotask(() => void this.connect()),
      settled: (settled) => this.#relay(self(), settled),
      stepped: () => {},
      report: () => {},
    })
  }

  #relay(from: Page, settled: readonly Settled[]): void {
    if (from !== this.#pages[0]) return
    const results = settled.map(({ entry, result }) => ({ id: entry.id, result }))
    for (const { outbox } of this.#others(from)) outbox.settledElsewhere(results)
  }
}
