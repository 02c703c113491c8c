import { cellsOf, rowsFrom } from './row.ts'
import type { Side } from './side.ts'
import { newRoom } from './workload.ts'

/** A statement takes at most 2 MB. */
const ROWS_A_STATEMENT = 2500

/** A room that has so many rows, which no client wrote. */
export async function filledRoom(
  side: Pick<Side, 'control' | 'settled'>,
  count: number,
  prefix = '',
): Promise<string> {
  const room = `${prefix}${newRoom()}`
  for (let from = 0; from < count; from += ROWS_A_STATEMENT) {
    const rows = rowsFrom(from, Math.min(ROWS_A_STATEMENT, count - from)).map(cellsOf)
    await side.control(room, 'insert', { rows })
  }
  await side.settled?.()
  return room
}
