import type { StorageCopy } from '../support/storage-copy.ts'
import type { Dice } from './dice.ts'
import type { ProcessFault } from './fault-kind.ts'
import { TABS } from './schedule.ts'
import { serverWrite, someStatements } from './server-writes.ts'
import type { SoakRoom } from './soak-room.ts'
import type { SoakWorld } from './soak-world.ts'

interface OlderCopy {
  readonly copy: StorageCopy
  /** Tags that were applied before it was made. */
  readonly tags: ReadonlySet<string>
}

/** The faults of the process, and the copies that it comes back with. */
export class Restores {
  readonly #world: SoakWorld
  readonly #dice: Dice
  readonly #copies = new Map<SoakRoom, OlderCopy[]>()

  constructor(world: SoakWorld, dice: Dice) {
    this.#world = world
    this.#dice = dice
  }

  /** Copies the database of every room as it is now. */
  async copy(rooms: readonly SoakRoom[]): Promise<void> {
    const tags = await Promise.all(rooms.map(async (room) => new Set(await room.audit())))
    const copies = await this.#world.copies(rooms.map(({ id }) => id))
    for (const [i, room] of rooms.entries()) {
      const older = this.#copies.get(room) ?? []
      older.push({ copy: copies[i] as StorageCopy, tags: tags[i] as ReadonlySet<string> })
      this.#copies.set(room, older)
    }
  }

  /** Ends the process in the middle of everything, and starts it again. */
  async strike(fault: ProcessFault, rooms: readonly SoakRoom[]): Promise<void> {
    const dice = this.#dice
    // Some rooms are written to before their clients are back, so that the new history is as long as the old one was.
    const ahead = fault === 'restore' ? rooms.filter(() => dice.chance(0.5)) : []
    await Promise.all(rooms.map((room) => this.#midSentence(room)))
    for (const room of rooms) {
      room.note(fault)
      room.count(fault, room.isBusy)
    }
    for (const room of ahead) for (const tab of room.both) tab.line.away()
    const how =
      fault === 'restart' ? 'stop' : fault === 'kill' ? 'kill' : dice.pick(['stop', 'kill'] as const)
    await this.#world.down(how)
    for (const room of rooms) for (const tab of room.both) if (!ahead.includes(room)) tab.line.open()
    const begun = fault === 'restore' ? await this.#replace(rooms) : []
    await this.#world.up()
    for (const begin of begun) begin()
    for (const room of rooms) room.note('up')
    await Promise.all(ahead.map((room) => this.#writeAhead(room)))
    for (const room of ahead) for (const tab of room.both) tab.line.open()
  }

  /** Makes a client write, so that it is waiting for its answer when the last of the rooms is ready. */
  async #midSentence(room: SoakRoom): Promise<void> {
    const name = this.#dice.pick(TABS)
    if (!(await room.connected(name))) return
    const held = this.#dice.pick(['up', 'down', 'down', null] as const)
    if (held) room.tabs[name].line.delay(held)
    await room.makeBusy(name)
  }

  async #replace(rooms: readonly SoakRoom[]): Promise<(() => void)[]> {
    const dice = this.#dice
    const begun: (() => void)[] = []
    for (const room of rooms) {
      const older = dice.chance(0.15) ? null : dice.pick(this.#copies.get(room) ?? [])
      begun.push(room.history.change(older?.tags ?? new Set()))
      await this.#world.replace(room.id, older?.copy ?? null)
    }
    return begun
  }

  async #writeAhead(room: SoakRoom): Promise<void> {
    for (let i = this.#dice.between(1, 4); i > 0; i--) {
      const statements = someStatements(room.dice, 'sql', 6)
      await room.tolerantly('writing ahead', () =>
        serverWrite(this.#world, room.options.room, 'sql', statements),
      )
    }
  }
}
