import { element } from './element.ts'
import { traffic } from './lab-line.ts'
import type { Part } from './part.ts'
import { sleepWords } from './sleep-words.ts'

/** Whether the object sleeps. There is no button for it: outside of tests, workerd has no way to put an object to sleep. */
export function sleepLine(): Part {
  const node = element('p', { class: 'lab-small', 'data-testid': 'lab-sleep' })
  const show = () => {
    node.textContent = sleepWords(traffic.get().lastFrameAt, Date.now())
  }
  show()
  const timer = setInterval(show, 1_000)
  return { node, stop: () => clearInterval(timer) }
}
