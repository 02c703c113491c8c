import type { Row } from '../bench/row.ts'
import type { Side } from '../bench/side.ts'
import { post } from '../support/post.ts'
import type { Written } from './written.ts'

/** Before an object that did not answer is asked again. */
const PAUSE_MS = 100
const PATIENCE_MS = 240_000

interface Room {
  readonly ids: Set<string>
  changed?: NonNullable<Written['changed']>
}

/** What was written to the rooms of a peer, which tells nobody when it is stored. */
export class StoredRooms {
  readonly #port: number
  readonly #name: string
  readonly #rooms = new Map<string, Room>()
  /** Rooms that were written to since they were last stored. */
  readonly #dirty = new Set<string>()

  constructor(port: number, name: string) {
    this.#port = port
    this.#name = name
  }

  #room(name: string): Room {
    this.#dirty.add(name)
    const known = this.#rooms.get(name)
    if (known) return known
    const room: Room = { ids: new Set() }
    this.#rooms.set(name, room)
    return room
  }

  inserted(room: string, rows: readonly Pick<Row, 'id'>[]): void {
    const { ids } = this.#room(room)
    for (const { id } of rows) ids.add(id)
  }

  changed(room: string, id: string, content: string): void {
    this.#room(room).changed = { id, content }
  }

  readonly settled = async (): Promise<void> => {
    for (const room of [...this.#dirty]) {
      await this.#stored(room)
      this.#dirty.delete(room)
    }
  }

  async #stored(name: string): Promise<void> {
    const { ids, changed } = this.#room(name)
    const written: Written = { rows: ids.size, ...(changed && { changed }) }
    const path = `/control/${this.#name}/${name}/stored`
    const until = performance.now() + PATIENCE_MS
    while (performance.now() < until) {
      // An object that computes for seconds may not answer at all.
      const answer = await post(this.#port, path, JSON.stringify(written)).catch(() => undefined)
      if (answer?.status === 200) return
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    throw new Error(`${this.#name} has not stored ${ids.size} rows of ${name}`)
  }

  /** The control of a side, which remembers what it writes. */
  remembering(control: Side['control']): Side['control'] {
    return async (room, verb, args) => {
      const answer = await control(room, verb, args)
      const given = args as { rows?: readonly (readonly [string])[]; ids?: string[]; content?: string } | null
      if (given?.rows)
        this.inserted(
          room,
          given.rows.map(([id]) => ({ id })),
        )
      if (given?.ids?.[0] !== undefined) this.changed(room, given.ids[0], given.content ?? '')
      return answer
    }
  }
}
