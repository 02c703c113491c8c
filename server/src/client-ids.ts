import type { CidVerdict, Limits, Outcome } from '@durable-sync/core/wire'

interface CidState {
  readonly principal: string
  last: number
  retired: boolean
  attempts: number
  stored: number
  storedBytes: number
}

const UNUSED = { last: 0, retired: false, attempts: 0, stored: 0, storedBytes: 0 }

const DAY = 86_400_000

/** So many client ids are remembered beside the table. */
const MAX_KNOWN = 10_000

/**
 * What is known about every client id: whose it is and the last number decided. The memory beside the table is only ever changed after
 * the transaction of a write has returned. A turn is one transaction of the runtime, and a turn that fails ends the object, so a number
 * has time until its turn ends: `writeBack` writes the row of each client id once, however many of its writes the turn had.
 */
export class ClientIds {
  limits: Limits
  readonly #sql: SqlStorage
  readonly #now: () => number
  readonly #known = new Map<string, CidState | null>()
  /** The number of each client id whose attempt this instance has counted. */
  readonly #tried = new Map<string, number>()
  /** Whose row is behind what is known: numbers were decided in this turn. Each has a row and a known state. */
  readonly #ahead = new Set<string>()

  constructor(sql: SqlStorage, limits: Limits, now: () => number) {
    this.#sql = sql
    this.limits = limits
    this.#now = now
  }

  /** The state of `cid`, or null when this history has no record of it. */
  find(cid: string): Readonly<CidState> | null {
    const cached = this.#known.get(cid)
    if (cached !== undefined) return cached
    const row = this.#sql
      .exec<{
        principal: string
        last: number
        retired: number
        attempts: number
        stored: number
        bytes: number | null
      }>(
        `SELECT principal, last, retired, attempts,
           (SELECT count(*) FROM _sync_outcome AS o WHERE o.cid = c.cid) AS stored,
           (SELECT sum(length(outcome)) FROM _sync_outcome AS o WHERE o.cid = c.cid) AS bytes
         FROM _sync_cid AS c WHERE cid = ?`,
        cid,
      )
      .toArray()[0]
    const state = row
      ? {
          principal: row.principal,
          last: row.last,
          retired: row.retired > 0,
          attempts: row.attempts,
          stored: row.stored,
          storedBytes: row.bytes ?? 0,
        }
      : null
    if (this.#known.size > MAX_KNOWN) this.#forgetKnown()
    this.#known.set(cid, state)
    return state
  }

  /** What is ahead of the table stays: it is nowhere else. */
  #forgetKnown(): void {
    const ahead = [...this.#ahead].map((cid) => [cid, this.#known.get(cid) ?? null] as const)
    this.#known.clear()
    for (const [cid, state] of ahead) this.#known.set(cid, state)
  }

  verdict(cid: string, principal: string): CidVerdict {
    const state = this.find(cid)
    if (!state) return { cid, is: 'unknown', last: 0 }
    if (state.principal !== principal) return { cid, is: 'foreign', last: 0 }
    return { cid, is: state.retired ? 'retired' : 'known', last: state.last }
  }

  /** About how many bytes of outcomes wait for `principal` to have seen them. */
  owed(cid: string, principal: string): number {
    const state = this.find(cid)
    return state?.principal === principal ? state.storedBytes : 0
  }

  /** Stored outcomes are at their limit: nothing further runs for this client id until it says that it has seen some. */
  isBusy(cid: string): boolean {
    const state = this.find(cid)
    return (
      state !== null &&
      (state.stored >= this.limits.outcomesPerCid || state.storedBytes >= this.limits.outcomeBytesPerCid)
    )
  }

  /**
   * Decides number `n`: to be called inside the transaction of the write. An outcome is stored only if it says more than "committed". The
   * first number of a client id makes its row here, so that an object without room for it refuses this write alone.
   */
  decide(cid: string, principal: string, n: number, stored: string | null): void {
    if (!this.find(cid)) this.#write(cid, { ...UNUSED, principal, last: n })
    if (stored !== null)
      this.#sql.exec('INSERT INTO _sync_outcome (cid, n, outcome) VALUES (?, ?, ?)', cid, n, stored)
  }

  /** The transaction of `decide` has returned. */
  decided(cid: string, principal: string, n: number, stored: string | null): void {
    const state = this.#known.get(cid)
    if (state) this.#ahead.add(cid)
    const next = state ?? { ...UNUSED, principal }
    next.last = n
    next.attempts = 0
    this.#tried.delete(cid)
    if (stored !== null) {
      next.stored++
      next.storedBytes += stored.length
    }
    this.#known.set(cid, next)
  }

  /** Before a turn ends, and before anybody is told what it decided: in its transaction, the table says what is known. */
  writeBack(): void {
    for (const cid of this.#ahead) this.#writeBack(cid)
  }

  #writeBack(cid: string): void {
    const state = this.#known.get(cid)
    if (state && this.#ahead.has(cid)) this.#write(cid, state)
    this.#ahead.delete(cid)
  }

  #write(cid: string, { principal, last, attempts }: CidState): void {
    this.#sql.exec(
      `INSERT INTO _sync_cid (cid, principal, last, seen_at, attempts) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (cid) DO UPDATE SET last = ?3, seen_at = ?4, attempts = ?5`,
      cid,
      principal,
      last,
      this.#now(),
      attempts,
    )
  }

  /** This instance has counted an attempt of `n` and lives: a resend of it, on another socket for instance, is no sign of a crash. */
  wasTried(cid: string, n: number): boolean {
    return this.#tried.get(cid) === n
  }

  /** Counts an attempt of the next number, in a turn before the attempt, so that a crash does not undo the count. Returns the new count. */
  countAttempt(cid: string, principal: string, n: number): number {
    const state = this.find(cid) ?? { ...UNUSED, principal }
    const attempts = state.attempts + 1
    this.#sql.exec(
      `INSERT INTO _sync_cid (cid, principal, last, seen_at, attempts) VALUES (?1, ?2, 0, ?3, ?4)
       ON CONFLICT (cid) DO UPDATE SET attempts = ?4`,
      cid,
      principal,
      this.#now(),
      attempts,
    )
    this.#tried.set(cid, n)
    this.#known.set(cid, { ...state, attempts })
    return attempts
  }

  /** The outcome of a decided number. */
  outcome(cid: string, n: number): Outcome {
    const row = this.#sql
      .exec<{ outcome: string }>('SELECT outcome FROM _sync_outcome WHERE cid = ? AND n = ?', cid, n)
      .toArray()[0]
    return row ? (JSON.parse(row.outcome) as Outcome) : { is: 'committed' }
  }

  /** Stored outcomes after `seen`, as JSON text. */
  outcomesAfter(cid: string, seen: number): { n: number; outcome: string }[] {
    return this.#sql
      .exec<{ n: number; outcome: string }>(
        'SELECT n, outcome FROM _sync_outcome WHERE cid = ? AND n > ? ORDER BY n',
        cid,
        seen,
      )
      .toArray()
  }

  /** The client has every outcome up to `seen`. */
  forget(cid: string, principal: string, seen: number): void {
    const state = this.find(cid)
    if (!state || state.principal !== principal || state.stored === 0) return
    this.#writeBack(cid)
    this.#sql.exec('DELETE FROM _sync_outcome WHERE cid = ? AND n <= ?', cid, seen)
    this.#known.delete(cid)
  }

  /** The client has no writes left under this id. The row stays for seven days, so that a stray copy is refused and not run. */
  retire(cid: string, principal: string): void {
    const state = this.find(cid)
    if (!state || state.principal !== principal || state.retired) return
    this.#writeBack(cid)
    this.#sql.exec('UPDATE _sync_cid SET retired = 1, seen_at = ? WHERE cid = ?', this.#now(), cid)
    this.#sql.exec('DELETE FROM _sync_outcome WHERE cid = ?', cid)
    this.#known.delete(cid)
  }

  /** Forgets client ids that were retired 7 days or silent 90 days ago. */
  sweep(): void {
    this.writeBack()
    const now = this.#now()
    const old = '(retired = 1 AND seen_at < ?1) OR seen_at < ?2'
    this.#sql.exec(
      `DELETE FROM _sync_outcome WHERE cid IN (SELECT cid FROM _sync_cid WHERE ${old})`,
      now - 7 * DAY,
      now - 90 * DAY,
    )
    this.#sql.exec(`DELETE FROM _sync_cid WHERE ${old}`, now - 7 * DAY, now - 90 * DAY)
    this.#known.clear()
  }
}
