import { HISTORY, JOINS, LINES, PRUNES, type RuleOff, STORAGE, WAKES, WRITES } from './rule-off.ts'

/** Rules of the server, each with the text that switches it off. */
export const SERVER_RULES_OFF: readonly RuleOff[] = [
  {
    rule: 'a position counts only in the history that it is of',
    aim: HISTORY,
    patches: [
      {
        file: 'server/src/lineage.ts',
        find: "return this.#covering(parts.seq)?.nonce === parts.nonce ? 'valid' : 'lineage'",
        put: "return 'valid'",
      },
    ],
  },
  {
    rule: 'a position needs no log row of its own, so compaction resets nobody',
    aim: PRUNES,
    patches: [
      {
        file: 'server/src/lineage.ts',
        find: "return this.#covering(parts.seq)?.nonce === parts.nonce ? 'valid' : 'lineage'",
        put: "return this.#sql.exec('SELECT 1 FROM _sync_log WHERE seq = ?', parts.seq).toArray().length > 0 && this.#covering(parts.seq)?.nonce === parts.nonce ? 'valid' : 'lineage'",
      },
    ],
  },
  {
    rule: 'a pass that answers hello carries what it claims',
    often: true,
    aim: LINES,
    patches: [
      {
        file: 'server/src/announcer.ts',
        find: 'const changed = new Set(log.tablesSince(seq))',
        put: 'const changed = new Set<string>()',
      },
    ],
  },
  {
    rule: 'a receipt comes with the changes that it caused',
    often: true,
    aim: WRITES,
    patches: [
      {
        file: 'server/src/announcer.ts',
        find: 'const sets = socket.subs.sets.filter(',
        put: 'const sets = (socket.hasReceipts ? [] : socket.subs.sets).filter(',
      },
    ],
  },
  {
    rule: 'a receipt comes also when nothing changed that the socket shows',
    aim: WRITES,
    patches: [
      {
        file: 'server/src/announcer.ts',
        find: 'if (sets.length === 0 && !socket.hasReceipts && socket !== forced',
        put: 'if (sets.length === 0 && socket !== forced',
      },
    ],
  },
  {
    rule: 'a wake sends what the last instance did not',
    often: true,
    aim: WAKES,
    patches: [
      {
        file: 'server/src/sync-engine.ts',
        find: 'closeExpired(this.#sockets, this.#now)\n    announcer.flush(this.#sockets)\n  }',
        put: 'closeExpired(this.#sockets, this.#now)\n    void announcer\n  }',
      },
    ],
  },
  {
    rule: 'a wake gives the sockets their subscriptions back',
    aim: WAKES,
    patches: [
      {
        file: 'server/src/sync-engine.ts',
        find: 'subscriptions.restore(this.#sockets.byId)',
        put: 'void subscriptions',
      },
    ],
  },
  {
    rule: 'a join ends with what changed since its first answer',
    often: true,
    aim: JOINS,
    patches: [
      {
        file: 'server/src/joins.ts',
        find: 'reader.changedSince(parsePosition(p0)?.seq ?? 0, undefined, keep)',
        put: 'reader.changedSince(parsePosition(at)?.seq ?? 0, p0.length, keep)',
      },
    ],
  },
  {
    rule: 'a number that was decided is not run again',
    often: true,
    aim: LINES,
    patches: [
      { file: 'server/src/lanes.ts', find: 'if (item.n <= (state?.last ?? 0)) {', put: 'if (item.n < 0) {' },
    ],
  },
  {
    rule: 'what is decided is written in the transaction of the write',
    aim: STORAGE,
    patches: [
      {
        file: 'server/src/turn.ts',
        find: 'clientIds()?.writeBack()',
        put: 'setTimeout(() => clientIds()?.writeBack(), 40)',
      },
    ],
  },
  {
    rule: 'a resend is answered with the outcome that there was',
    often: true,
    aim: LINES,
    patches: [
      {
        file: 'server/src/client-ids.ts',
        find: "return row ? (JSON.parse(row.outcome) as Outcome) : { is: 'committed' }",
        put: "return row && row.outcome === '' ? (JSON.parse(row.outcome) as Outcome) : { is: 'committed' }",
      },
      {
        file: 'server/src/handshake.ts',
        find: '.outcomesAfter(cid, seen)',
        put: '.outcomesAfter(cid, seen + 1e9)',
      },
    ],
  },
  {
    rule: 'rows that REPLACE evicts are in the log',
    often: true,
    aim: WRITES,
    patches: [{ file: 'server/src/capture-triggers.ts', find: '    ...evictions,\n', put: '' }],
  },
  {
    rule: 'a changed key is logged under both names',
    often: true,
    aim: WRITES,
    patches: [
      {
        file: 'server/src/capture-triggers.ts',
        find: '${log(oldKey, `',
        put: '${log(oldKey, `0 AND ',
      },
    ],
  },
  {
    rule: 'a row that is gone is sent as a delete',
    aim: WRITES,
    patches: [
      { file: 'server/src/row-reader.ts', find: 'LEFT JOIN', put: 'JOIN' },
      {
        file: 'server/src/announcer.ts',
        find: 'reader.rowsOf(recent.keysSince(table, seq))',
        put: 'reader.rowsOf(recent.keysSince(table, seq)).filter(({ row }) => row !== null)',
      },
    ],
  },
  {
    rule: 'a prune brings every socket to the head first',
    aim: PRUNES,
    patches: [{ file: 'server/src/housekeeping.ts', find: '    flushAll()\n', put: '    void flushAll\n' }],
  },
]
