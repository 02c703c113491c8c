import type { WriteKeeper } from './write-keeper.ts'

/** Keeps nothing beyond the outbox, which has it all: it only says in which order. */
export function memoryWriteKeeper(): WriteKeeper {
  let next = 1
  return {
    put: async (writes) => new Map(writes.map(({ id }) => [id, next++])),
    mark: async () => {},
    forget: async () => {},
    dropFailed: async () => {},
  }
}
