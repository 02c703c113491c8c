import { oneOf } from '../seeded-random.ts'
import { taskId } from './seed-tasks.ts'

/** How many of the highest tasks count as leaders: more than a screen has, so that some come from below it. */
export const LEADERS = 100

/** Of ten changes three are among the leaders, where somebody sees them. */
const SEEN = 0.3

export interface VoteChange {
  readonly id: string
  /** How many votes it gains; it loses them when it is negative. */
  readonly votes: number
}

/** What happens on a busy board: a little everywhere, and leaders that pass one another. `leaders` are from the highest down. */
export function firehoseChanges(
  leaders: readonly { readonly id: string; readonly votes: number }[],
  tasks: number,
  count: number,
  random: () => number,
): VoteChange[] {
  const most = leaders.at(0)?.votes ?? 0
  const least = leaders.at(-1)?.votes ?? 0
  // From one above the first to somewhere below the last: some leave, and the board's numbers stay what they are.
  const lowest = Math.max(0, least - Math.ceil((most - least) / 2))
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  return Array.from({ length: count }, (_, i) => {
    if (i >= count * SEEN || leaders.length === 0)
      return { id: taskId(between(1, tasks)), votes: between(-2, 3) }
    const { id, votes } = oneOf(leaders, random)
    return { id, votes: between(lowest, most + 1) - votes }
  })
}
