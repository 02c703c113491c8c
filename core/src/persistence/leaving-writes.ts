import type { RoomChange } from './room-storage.ts'

/** The shapes whose rows a change keeps, or would. */
export const rowsOf = ({ replace = [], passes = [] }: RoomChange): string[] => [
  ...replace.map(({ key }) => key),
  ...passes.flatMap(({ shapes }) => shapes.map(({ key }) => key)),
]

/**
 * What `changes` may still do when the rows of the shapes `adrift` are not kept. A write leaves in the transaction that keeps the rows it
 * caused: a page that starts would otherwise show neither. So from the first change on that has lost rows, writes stay. They are sent
 * again, and the server answers from its record. One that has failed caused none, and goes.
 */
export function withoutLeaving(
  changes: readonly RoomChange[],
  adrift: readonly string[],
): readonly RoomChange[] {
  const lost = new Set(adrift)
  const first = changes.findIndex((change) => rowsOf(change).some((key) => lost.has(key)))
  if (first < 0) return changes
  return changes.map((change, i) => (i < first ? change : onlyFailedLeave(change)))
}

function onlyFailedLeave(change: RoomChange): RoomChange {
  const failed = new Set(change.putFailed?.map(({ id }) => id))
  return { ...change, deleteWrites: change.deleteWrites?.filter((id) => failed.has(id)) ?? [] }
}
