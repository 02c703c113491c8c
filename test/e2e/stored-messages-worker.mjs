import { DurableObject } from 'cloudflare:workers'

/** A room's table as SQLite has it, read without any of the library's code. */
export class ChatRoom extends DurableObject {
  fetch() {
    const { sql } = this.ctx.storage
    const [{ quick_check: integrity }] = sql.exec('PRAGMA quick_check').toArray()
    const messages = sql.exec('SELECT id, author, content, created_at FROM messages').toArray()
    return Response.json({ integrity, messages })
  }
}

export default {
  fetch(request, env) {
    const room = new URL(request.url).pathname.slice(1)
    return env.ROOMS.get(env.ROOMS.idFromName(room)).fetch(request)
  },
}
