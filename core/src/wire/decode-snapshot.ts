import { FrameError } from './frame-error.ts'
import { type Snapshot, snapshot } from './snapshot.ts'
import { PROTOCOL_VERSION } from './version.ts'

/**
 * What a page was handed, if it is a snapshot of this version.
 * @throws FrameError naming the field that is wrong.
 */
export function decodeSnapshot(value: unknown): Snapshot {
  const wrong = snapshot.check(value, 0)
  if (wrong) throw new FrameError(wrong.in('the snapshot'))
  const said = value as Snapshot
  if (said.v !== PROTOCOL_VERSION)
    throw new FrameError(`it is of version ${said.v}, and this client is of version ${PROTOCOL_VERSION}`)
  const misfit = misfitOf(said)
  if (misfit) throw new FrameError(misfit)
  return said
}

/** What the shape of each field cannot say. Rows that cannot be placed would be taken for rows that are gone. */
function misfitOf({ key, blocks, window, boundary }: Snapshot): string | undefined {
  if ((window === undefined) !== (boundary === undefined))
    return 'a window says where it ends, and nothing else does'
  for (const { cols, up } of blocks) {
    if (up.length > 0 && !cols.includes(key)) return `its rows have no column "${key}", which is their key`
    if (up.some((cells) => cells.length !== cols.length)) return 'a row has not one cell for each column'
  }
  return undefined
}
