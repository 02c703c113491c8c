import { oneOf, seededRandom } from '../seeded-random.ts'
import type { Status, Task } from './registry.ts'

const VERBS = [
  'Mend',
  'Repaint',
  'Measure',
  'Replace',
  'Label',
  'Oil',
  'Photograph',
  'Order',
  'Clean',
  'Sort',
]
const WHICH = ['the old', 'the second', 'the borrowed', 'the blue', 'the heavy', 'the spare', 'the noisy']
const THINGS = [
  'bicycle stand',
  'bread oven',
  'canoe paddles',
  'chess tables',
  'darkroom lamp',
  'drill press',
  'garden gate',
  'kiln shelves',
  'letterpress',
  'loom',
  'piano stool',
  'projector',
  'rain barrel',
  'sewing machine',
  'telescope mount',
  'workbench vice',
]
const WHERE = ['in the shed', 'upstairs', 'by the window', 'for Saturday', 'in the cellar', 'before winter']

const MOST_VOTES = 900
const MONTH_MS = 30 * 24 * 60 * 60 * 1000

export const taskId = (n: number): string => `t${String(n).padStart(5, '0')}`

const statusOf = (chance: number): Status => (chance < 0.55 ? 'open' : chance < 0.75 ? 'doing' : 'done')

/** The tasks of a new board: the same on every one. Few have many votes, many have few, and some have the same. */
export function seedTasks(count: number, now: number): Task[] {
  const random = seededRandom(5)
  return Array.from({ length: count }, (_, i) => ({
    id: taskId(i + 1),
    title: `${oneOf(VERBS, random)} ${oneOf(WHICH, random)} ${oneOf(THINGS, random)} ${oneOf(WHERE, random)}`,
    status: statusOf(random()),
    votes: Math.floor(MOST_VOTES * random() ** 3),
    updated_at: now - Math.floor(MONTH_MS * random()),
  }))
}
