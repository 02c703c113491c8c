import { FrameError } from './codec.ts'
import { type Snapshot, snapshot } from './snapshot.ts'
import { PROTOCOL_VERSION } from './version.ts'

/**
 * What a page was handed, if it is a snapshot of this version.
 * @throws FrameError naming the field that is wrong.
 */
export function decodeSnapshot(value: unknown): Snapshot {
  const wrong = snapshot.check(value, '', 0)
  if (wrong) throw new FrameError(wrong)
  const said = value as Snapshot
  if (said.v === PROTOCOL_VERSION) return said
  throw new FrameError(`it is of version ${said.v}, and this client is of version ${PROTOCOL_VERSION}`)
}
