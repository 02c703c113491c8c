import { element } from './element.ts'
import { traffic } from './lab-line.ts'
import type { Part } from './part.ts'

const ASLEEP_AFTER_MS = 10_000

/** Whether the object sleeps, as far as this page knows. There is no way to put it to sleep: workerd has none outside of tests. */
export function sleepLine(): Part {
  const node = element('p', { class: 'lab-small', 'data-testid': 'lab-sleep' })
  const show = () => {
    node.textContent = sleepWords(traffic.get().lastFrameAt, Date.now())
  }
  show()
  const timer = setInterval(show, 1_000)
  return { node, stop: () => clearInterval(timer) }
}

export function sleepWords(lastFrameAt: number, now: number): string {
  if (lastFrameAt === 0) return 'No frame has passed here yet.'
  const left = Math.ceil((lastFrameAt + ASLEEP_AFTER_MS - now) / 1_000)
  return left > 0
    ? `The object sleeps by itself in ${left} s, if no other pane keeps it awake.`
    : 'The object sleeps, unless another pane keeps it awake. The next write wakes it.'
}
