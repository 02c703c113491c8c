import { createMergeableStore, type MergeableStore } from 'tinybase'
import {
  createDurableObjectSqlStoragePersister,
  type DurableObjectSqlStoragePersister,
} from 'tinybase/persisters/persister-durable-object-sql-storage'
import {
  getWsServerDurableObjectFetch,
  WsServerDurableObject,
} from 'tinybase/synchronizers/synchronizer-ws-server-durable-object'
import type { RoomVerbs } from '../../bench/worker/room-verbs.ts'
import type { Written } from '../written.ts'
import { answerControl, PeerControl, type PeerRoom } from './peer-control.ts'

interface Env {
  readonly TINYBASE: DurableObjectNamespace<TinyBaseRoom>
}

const IDLE = 0
const TABLE = 'messages'

/** A room as TinyBase's documentation writes it, and the verbs of the bench. */
export class TinyBaseRoom extends WsServerDurableObject<Env> implements PeerRoom {
  // The constructor of the class above calls `createPersister`: what is declared here must not be initialised after that.
  declare private store: MergeableStore
  declare private persister: DurableObjectSqlStoragePersister
  readonly #control = new PeerControl(this.ctx.storage.sql, this)

  override createPersister(): DurableObjectSqlStoragePersister {
    this.store = createMergeableStore()
    // In its default mode the whole store is one row, and a row takes at most 2 MB.
    this.persister = createDurableObjectSqlStoragePersister(
      this.store,
      this.ctx.storage.sql,
      { mode: 'fragmented' },
      undefined,
      (error) => console.error('TinyBase:', error),
    )
    this.persister.addStatusListener(() => this.#control.saved())
    return this.persister
  }

  insert({ rows }: RoomVerbs['insert']['args']): void {
    this.store.transaction(() => {
      for (const [id, author, content, created_at] of rows)
        this.store.setRow(TABLE, id, { author, content, created_at })
    })
  }

  touch({ ids, content }: RoomVerbs['touch']['args']): void {
    this.store.transaction(() => {
      for (const id of ids) this.store.setCell(TABLE, id, 'content', content)
    })
  }

  isStored({ rows, changed }: Written): boolean {
    const arrived =
      this.store.getRowCount(TABLE) >= rows &&
      (!changed || this.store.getCell(TABLE, changed.id, 'content') === changed.content)
    return arrived && this.persister.getStatus() === IDLE
  }

  control(verb: string, text: string): Promise<string> {
    return this.#control.carryOut(verb, text)
  }
}

const connect = getWsServerDurableObjectFetch('TINYBASE')

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const answer = await answerControl(request, (room, verb, text) =>
      // Sockets find their object by the path of their URL.
      env.TINYBASE.getByName(room).control(verb, text),
    )
    return answer ?? connect(request, env)
  },
}
