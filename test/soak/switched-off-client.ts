import { HISTORY, JOINS, LINES, type RuleOff } from './rule-off.ts'

/** Rules of the client, each with the text that switches it off. */
export const CLIENT_RULES_OFF: readonly RuleOff[] = [
  {
    rule: 'a pass that does not start at the position is not applied',
    often: true,
    aim: LINES,
    patches: [
      {
        file: 'core/src/stream/pass-steps.ts',
        find: 'if (!isNext(state, frame)) {',
        put: 'if (frame.to === "") {',
      },
    ],
  },
  {
    rule: 'a pass whose end was lost is not ended by the next one',
    aim: LINES,
    patches: [
      {
        file: 'core/src/stream/pass-steps.ts',
        find: 'return first ? frame.from === first.from && frame.to === first.to : frame.from === position',
        put: 'return first ? frame.from === first.from || frame.from === first.to : frame.from === position',
      },
    ],
  },
  {
    rule: 'only the last frame of a pass moves the position',
    often: true,
    aim: LINES,
    patches: [
      { file: 'core/src/stream/pass-steps.ts', find: 'if (frame.more)', put: 'if (frame.to === "")' },
    ],
  },
  {
    rule: 'receipts of the pass that answers hello settle writes',
    aim: LINES,
    patches: [
      {
        file: 'core/src/stream/pass-steps.ts',
        find: 'if (receipts.length > 0) effects',
        put: 'if (receipts.length > 0 && !frame.live) effects',
      },
    ],
  },
  {
    rule: 'frames of a join are told apart by its number',
    aim: JOINS,
    patches: [
      {
        file: 'core/src/stream/subscription.ts',
        find: "sub.phase.is === 'joining' && sub.phase.join === join",
        put: "sub.phase.is === 'joining' && join > 0",
      },
    ],
  },
  {
    rule: 'a reset takes position and claims away',
    aim: HISTORY,
    patches: [
      {
        file: 'core/src/stream/welcome-steps.ts',
        find: 'const reset = frame.reset !== undefined',
        put: 'const reset = frame.type.length === 0',
      },
      { file: 'core/src/stream/welcome-steps.ts', find: "verdict.is === 'restart'", put: 'verdict.id < 0' },
      {
        file: 'core/src/stream/pass-steps.ts',
        find: 'if (!isNext(state, frame)) {',
        put: 'if (frame.from !== null && !isNext(state, frame)) {',
      },
    ],
  },
  {
    rule: 'a snapshot replaces the rows that were there',
    aim: HISTORY,
    patches: [
      {
        file: 'core/src/collection/held-rows.ts',
        find: "as === 'merge' ? this.#removed(del, gone, at) : subset.restart()",
        put: 'this.#removed(del, gone, at)',
      },
    ],
  },
  {
    rule: 'a write whose answer was lost keeps its number',
    often: true,
    aim: LINES,
    patches: [
      {
        file: 'core/src/outbox/entry.ts',
        find: "stage: QUEUED, tried: 'before' }",
        put: "stage: QUEUED, number: { ...entry.number, cid: entry.number.cid + 'x' } }",
      },
    ],
  },
  {
    rule: 'a number that has no write any more is skipped',
    aim: HISTORY,
    patches: [
      { file: 'core/src/outbox/flush-step.ts', find: 'hole < number.n', put: 'hole < number.n && hole < 0' },
    ],
  },
  {
    rule: 'a write that waits for its join is open again in a history that has no record of it',
    aim: HISTORY,
    patches: [
      {
        file: 'core/src/outbox/verdict-steps.ts',
        find: 'return entry.number.n <= lastOf(verdict) ? entry',
        put: 'return entry.number.n > 0 ? entry',
      },
    ],
  },
]
