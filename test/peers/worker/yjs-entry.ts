import { getServerByName, routePartykitRequest } from 'partyserver'
import { YServer } from 'y-partyserver'
import { applyUpdate, type Doc, encodeStateAsUpdate } from 'yjs'
import type { Row } from '../../bench/row.ts'
import type { RoomVerbs } from '../../bench/worker/room-verbs.ts'
import type { Written } from '../written.ts'
import { answerControl, PeerControl, type PeerRoom } from './peer-control.ts'

interface Env {
  readonly YJS: DurableObjectNamespace<YjsRoom>
}

/** A value takes at most 2 MB. */
const PIECE_BYTES = 1024 * 1024

/** A room as the documentation of y-partyserver writes it, with its document in pieces in SQLite, and the verbs of the bench. */
export class YjsRoom extends YServer implements PeerRoom {
  static override options = { hibernate: true }
  readonly #sql = this.ctx.storage.sql
  readonly #control = new PeerControl(this.#sql, this)
  #unsaved: 'nothing' | 'something' = 'nothing'

  override async onLoad(): Promise<undefined> {
    this.#sql.exec('CREATE TABLE IF NOT EXISTS pieces (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL)')
    const pieces = this.#sql.exec<{ bytes: ArrayBuffer }>('SELECT bytes FROM pieces ORDER BY n').toArray()
    if (pieces.length > 0)
      applyUpdate(this.document, joined(pieces.map(({ bytes }) => new Uint8Array(bytes))))
    this.document.on('update', () => {
      this.#unsaved = 'something'
    })
  }

  /** Called 2 s after the last change, and at least every 10 s. */
  override async onSave(): Promise<void> {
    const bytes = encodeStateAsUpdate(this.document)
    this.#unsaved = 'nothing'
    const pieces = Math.ceil(bytes.length / PIECE_BYTES)
    for (let n = 0; n < pieces; n++) {
      const piece = bytes.slice(n * PIECE_BYTES, (n + 1) * PIECE_BYTES)
      this.#sql.exec('INSERT OR REPLACE INTO pieces (n, bytes) VALUES (?, ?)', n, piece)
    }
    this.#sql.exec('DELETE FROM pieces WHERE n >= ?', pieces)
    this.#control.saved()
  }

  get #rows() {
    return (this.document as Doc).getMap<Omit<Row, 'id'>>('messages')
  }

  insert({ rows }: RoomVerbs['insert']['args']): void {
    this.document.transact(() => {
      for (const [id, author, content, created_at] of rows)
        this.#rows.set(id, { author, content, created_at })
    })
  }

  touch({ ids, content }: RoomVerbs['touch']['args']): void {
    this.document.transact(() => {
      for (const id of ids) {
        const row = this.#rows.get(id)
        if (row) this.#rows.set(id, { ...row, content })
      }
    })
  }

  isStored({ rows, changed }: Written): boolean {
    const arrived =
      this.#unsaved === 'nothing' &&
      this.#rows.size >= rows &&
      (!changed || this.#rows.get(changed.id)?.content === changed.content)
    return arrived
  }

  control(verb: string, text: string): Promise<string> {
    return this.#control.carryOut(verb, text)
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const answer = await answerControl(request, async (name, verb, text) => {
      const room = await getServerByName(env.YJS, name)
      return room.control(verb, text)
    })
    return answer ?? (await routePartykitRequest(request, { ...env })) ?? new Response('', { status: 404 })
  },
}
