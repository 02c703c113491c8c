import { DurableObject } from 'cloudflare:workers'
import type { BenchEnv } from './env.ts'
import { RoomControl } from './room-control.ts'
import type { RowCells } from './room-verbs.ts'
import { TABLE } from './table.ts'

const LOG = 'CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, key TEXT NOT NULL)'
const TRIGGERS = ['INSERT', 'UPDATE'].map(
  (event) =>
    `CREATE TRIGGER IF NOT EXISTS log_${event} AFTER ${event} ON messages BEGIN INSERT INTO log (key) VALUES (new.id); END`,
)
const CELLS = 'json_group_array(json_array(id, author, content, created_at))'
const ALL = `SELECT ${CELLS} AS rows FROM messages`
const CHANGED = `SELECT ${CELLS} AS rows FROM (SELECT DISTINCT key FROM log WHERE seq > ?) JOIN messages ON id = key`

interface Write {
  readonly from: WebSocket
  readonly verb: 'insert' | 'update'
  readonly n: string
  /** A JSON array of rows. */
  readonly rows: string
}

/**
 * The floor: what any object must do that keeps rows and tells others of them. It checks nothing, remembers nothing of its clients, and
 * its writers hear only that a write is kept. Messages are a word and what it needs:
 *
 *   echo <text>              → echo <text>
 *   insert|update <n> <rows> → done <n>, once it is stored; everybody else gets `rows`
 *   load                     → rows <seq> <rows>
 *   since <seq>              → rows <seq> <rows>
 */
export class BareRoom extends DurableObject<BenchEnv> {
  readonly #sql: SqlStorage
  readonly #control: RoomControl
  #writes: Write[] = []
  #tick: ReturnType<typeof setTimeout> | undefined

  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#control = new RoomControl(this.#sql, this.#sql, () => ctx.abort('restart'))
    for (const statement of [TABLE, LOG, ...TRIGGERS]) this.#sql.exec(statement)
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }

  override webSocketMessage(ws: WebSocket, message: string): void {
    const [verb = ''] = message.split(' ', 1)
    switch (verb) {
      case 'insert':
      case 'update':
        this.#queue(ws, verb, message)
        break
      case 'load':
        ws.send(`rows ${this.#head()} ${this.#text(ALL)}`)
        break
      case 'since':
        ws.send(`rows ${this.#head()} ${this.#text(CHANGED, Number(message.slice(6)))}`)
        break
      default:
        ws.send(message)
    }
  }

  #queue(from: WebSocket, verb: Write['verb'], message: string): void {
    const rowsAt = message.indexOf(' ', verb.length + 1)
    const n = message.slice(verb.length + 1, rowsAt)
    this.#writes.push({ from, verb, n, rows: message.slice(rowsAt + 1) })
    // What arrives within a tick of a commit shares the next: neither a commit for each message nor a tick for a single one would be the floor.
    if (this.#tick === undefined) this.#commit()
  }

  #commit(): void {
    const writes = this.#writes
    this.#writes = []
    for (const { verb, rows } of writes) {
      for (const row of JSON.parse(rows) as RowCells[]) this.#write(verb, row)
    }
    const writers = new Set(writes.map(({ from }) => from))
    let shared: string | undefined
    for (const ws of this.ctx.getWebSockets()) {
      if (!writers.has(ws)) {
        shared ??= this.#broadcast(writes)
        ws.send(shared)
      } else if (writers.size > 1) ws.send(this.#broadcast(writes.filter(({ from }) => from !== ws)))
    }
    for (const { from, n } of writes) from.send(`done ${n}`)
    this.#tick = setTimeout(() => {
      this.#tick = undefined
      if (this.#writes.length > 0) this.#commit()
    }, 0)
  }

  #write(verb: Write['verb'], row: RowCells): void {
    if (verb === 'update') this.#sql.exec('UPDATE messages SET content = ? WHERE id = ?', row[2], row[0])
    else this.#sql.exec('INSERT INTO messages (id, author, content, created_at) VALUES (?, ?, ?, ?)', ...row)
  }

  /** The rows as they came: nothing is read back. */
  #broadcast(writes: readonly Write[]): string {
    const rows = writes.map((write) => write.rows.slice(1, -1))
    return `rows ${this.#head()} [${rows.join(',')}]`
  }

  #head(): number {
    return this.#sql.exec<{ head: number | null }>('SELECT max(seq) AS head FROM log').one().head ?? 0
  }

  #text(query: string, ...bindings: number[]): string {
    return this.#sql.exec<{ rows: string }>(query, ...bindings).one().rows
  }

  override webSocketClose(ws: WebSocket): void {
    ws.close()
  }

  control(verb: string, args: string): string {
    return this.#control.carryOut(verb, args)
  }
}
