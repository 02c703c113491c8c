// The README's object, word for word. It must keep compiling and working as it stands.
import { SyncDurableObject, SyncRegistry } from '@durable-sync/server'
import type { FixtureEnv as Env } from './env.ts'

interface Claims {
  userId: string
}
interface Message {
  id: string
  author: string
  content: string
  created_at: number
}

export class SessionDO extends SyncDurableObject<Env, Claims> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.sql.exec(`CREATE TABLE IF NOT EXISTS messages (
        id TEXT PRIMARY KEY, author TEXT NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL)`)
      this.registerSync(
        new SyncRegistry<Claims, Env, { messages: Message }>()
          .defineCollection({ table: 'messages', pk: 'id' })
          .defineMutation({
            collection: 'messages',
            type: 'insert',
            authorize: ({ user, op }) => {
              if (op.cols.author !== user.userId) throw new Error('author mismatch')
            },
            execute: ({ op, sql }) => {
              const m = op.cols
              sql.exec(
                'INSERT INTO messages(id, author, content, created_at) VALUES (?, ?, ?, ?)',
                m.id,
                m.author,
                m.content,
                m.created_at,
              )
            },
          }),
      )
    })
  }

  protected override parseAttachment(req: Request): Claims {
    return JSON.parse(req.headers.get('x-claims') ?? '{}') as Claims
  }
}
