import { TestLine } from '../../test-server/test-line.ts'
import { type StoredRow, TestRoom } from '../../test-server/test-room.ts'
import type { Block, Outcome, Position, PushItem } from '../../wire/index.ts'

/** An object in memory and the way of its one client, in one: what a test of the client scripts. Nothing is announced that is not flushed. */
export class ScriptedServer extends TestLine {
  readonly #room: TestRoom
  /** What becomes of an item; by default its operations are run. May throw a rejection. */
  run: (item: PushItem, server: ScriptedServer) => Outcome = (item, server) => server.execute(item)

  constructor(room = new TestRoom()) {
    super(room)
    this.#room = room
    room.run = (item) => this.run(item, this)
  }

  get tables(): TestRoom['tables'] {
    return this.#room.tables
  }

  get kinds(): TestRoom['kinds'] {
    return this.#room.kinds
  }

  get cids(): TestRoom['cids'] {
    return this.#room.cids
  }

  get era(): string {
    return this.#room.era
  }

  set era(era: string) {
    this.#room.era = era
  }

  get head(): Position {
    return this.#room.head
  }

  /** Sends what was kept back, in order, and keeps nothing back any more. */
  override release(): void {
    this.passes = () => true
    super.release()
  }

  position(seq: number): Position {
    return this.#room.position(seq)
  }

  table(name: string): Map<string, StoredRow> {
    return this.#room.table(name)
  }

  put(table: string, row: StoredRow): void {
    this.#room.put(table, row)
  }

  remove(table: string, key: string): void {
    this.#room.remove(table, key)
  }

  block(table: string, keys: Iterable<string>): Block {
    return this.#room.block(table, keys)
  }

  execute(item: PushItem): Outcome {
    if (item.do === 'mutate') return this.#room.mutate(item.ops)
    return { is: 'committed', result: item.do === 'call' ? item.args : undefined }
  }
}
