import type { Block, Position } from '../../wire/index.ts'
import type { Committed, RoomChange, RoomStorage, ShapeRows, StoredPass } from '../room-storage.ts'

export const at = (seq: number) => `${seq}.n.o` as Position
export const rows = (...ids: string[]): Block => ({ cols: ['id'], up: ids.map((id) => [id]), del: [] })

export const shapeRows = (key: string, seq: number): ShapeRows => ({
  key,
  spec: { collection: 'notes' },
  token: 't',
  keyColumn: 'id',
  kinds: {},
  onDemand: false,
  at: at(seq),
  boundary: undefined,
  blocks: [rows(`of ${seq}`)],
})

export const pass = (from: number, to: number, ...keys: string[]): StoredPass => ({
  from: at(from),
  to: at(to),
  shapes: keys.map((key) => ({ key, blocks: [rows(`at ${to}`)] })),
})

const NOTHING: Committed = { ords: new Map(), adrift: [] }

/** A storage that writes down what it is asked for and answers when it is told to, and time that passes when it is told to. */
export function recordedRoom() {
  const commits: RoomChange[] = []
  const calls: string[] = []
  const held: string[][] = []
  const answers: { resolve: (committed: Committed) => void; reject: (error: unknown) => void }[] = []
  const tasks: (() => void)[] = []
  const told = () => new Promise((resolve) => setImmediate(resolve))
  const room: RoomStorage = {
    commit: (change) => {
      commits.push(change)
      calls.push('commit')
      return new Promise((resolve, reject) => {
        answers.push({ resolve, reject })
      })
    },
    load: async () => {
      calls.push('load')
      return { writes: [], failed: [], shapes: [] }
    },
    queue: async () => {
      calls.push('queue')
      return { writes: [], failed: [] }
    },
    revise: async () => new Set(),
    hold: (keys) => void held.push([...keys]),
    close: async () => void calls.push('close'),
  }
  return {
    room,
    commits,
    calls,
    held,
    /** Answers the oldest commit that has no answer. */
    keep: async (committed: Partial<Committed> = {}) => {
      answers.shift()?.resolve({ ...NOTHING, ...committed })
      await told()
    },
    fail: async (error: unknown) => {
      answers.shift()?.reject(error)
      await told()
    },
    later: (task: () => void) => void tasks.push(task),
    /** Lets so much time pass that everything is due. */
    wait: () => {
      for (const task of tasks.splice(0)) task()
    },
  }
}
