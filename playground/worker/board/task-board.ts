import { LabObject } from '../lab/lab-object.ts'
import { CREATE_REFUSALS } from '../refusals.ts'
import { seed } from '../seed.ts'
import type { Env } from '../worker.ts'
import { Firehose } from './firehose.ts'
import { boardRegistry } from './registry.ts'
import { seedTasks } from './seed-tasks.ts'
import { TASK_COUNT } from './task-count.ts'

/** One board of five thousand tasks. */
export class TaskBoard extends LabObject {
  readonly #firehose = new Firehose((write) => this.runSyncedWrite(write))

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      ctx.storage.transactionSync(() => this.#create())
      this.registerSync(boardRegistry(() => this.#firehose.open()))
      // It was open when the object went away.
      this.#firehose.open()
    })
  }

  #create(): void {
    // A window in an order reads as many rows as it shows when an index has them in that order, one for each filter of the page.
    this.sql.exec(`
      CREATE TABLE IF NOT EXISTS tasks (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL, votes INTEGER NOT NULL, updated_at INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS tasks_by_votes ON tasks (votes DESC, id);
      CREATE INDEX IF NOT EXISTS tasks_by_status_and_votes ON tasks (status, votes DESC, id);
      CREATE TABLE IF NOT EXISTS firehose (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
      INSERT OR IGNORE INTO firehose (id, until) VALUES ('firehose', 0);
      ${CREATE_REFUSALS};
    `)
    if (this.sql.exec('SELECT 1 FROM tasks LIMIT 1').toArray().length > 0) return
    const columns = ['id', 'title', 'status', 'votes', 'updated_at'] as const
    seed(
      this.sql,
      'tasks',
      columns,
      seedTasks(TASK_COUNT, Date.now()).map((task) => columns.map((column) => task[column])),
    )
  }
}
