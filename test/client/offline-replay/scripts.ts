import type { Script } from './replay.ts'

/** Where the real system does something else than the broken model: by counterexample. Without a script it takes every step. */
export const scripts: Readonly<Record<string, Script>> = {
  'storedFirst off': {
    absent: {
      2: 'a write that is not stored is not marked',
      3: 'nor sent',
      4: 'so nothing arrives',
    },
  },
  'markedFirst off': {
    absent: { 10: 'it may have been executed, and is given up', 11: 'so nothing arrives' },
  },
  'unknownMarked: again': {
    absent: { 10: 'it may have been executed, and is given up', 11: 'so nothing arrives' },
  },
  'markStrict off': {
    // A write that is made online is marked with it: here the mark is to be a transaction of its own.
    first: [2, 1],
    absent: {
      17: 'the mark was on the disk',
      18: 'so the write is given up',
      19: 'and nothing arrives',
    },
  },
  'seen: when applied': {
    absent: { 6: 'nothing is said before the failure is stored', 7: 'so nothing arrives' },
  },
  'judged: from memory': {
    // As above.
    first: [2, 3, 4, 5, 1],
    absent: {
      18: 'its successor has read the mark',
      19: 'so the write is given up',
      20: 'and nothing arrives',
    },
  },
  'restored: new client id': {
    absent: { 18: 'the write keeps its number, and its mark' },
  },
  'order: all at once': {
    absent: {
      5: 'the leader has a socket, and so the follower marks what it stores',
      7: 'it waits until the one before is decided',
    },
  },
  'retireNeedsLock off': {
    absent: {
      3: 'the leader has a socket, and so the follower marks what it stores',
      8: 'nobody retires the client id of another page',
      9: 'so nothing arrives',
      12: 'as 3',
    },
  },
}
