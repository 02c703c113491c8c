// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stayAtEnd } from './stay-at-end.ts'

let list: HTMLElement
let view: number
let height: number
let resize: () => void
let stop: () => void
beforeEach(() => {
  height = 1000
  view = 300
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(changed: () => void) {
        resize = changed
      }
      observe() {}
      disconnect() {
        resize = () => {}
      }
    },
  )
  // There is no layout here.
  let top = 0
  list = document.createElement('div')
  Object.defineProperties(list, {
    scrollHeight: { get: () => height },
    clientHeight: { get: () => view },
    scrollTop: {
      get: () => top,
      set: (to: number) => {
        top = Math.min(to, height - view)
      },
    },
  })
  stop = stayAtEnd(list)
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
})

/** Another message has come, and observers were told of it. */
async function grow(): Promise<void> {
  height += 100
  list.append(document.createElement('p'))
  await Promise.resolve()
}
function scrollTo(top: number): void {
  list.scrollTop = top
  scrolled()
}
/** The event comes with the next frame after the scrolling. */
const scrolled = () => list.dispatchEvent(new Event('scroll'))

test('the end is in view from the start, and stays there while messages come', async () => {
  expect(list.scrollTop).toBe(700)
  await grow()
  expect(list.scrollTop).toBe(800)
})

test('who reads further up is left alone, until they are back at the end', async () => {
  scrollTo(200)
  await grow()
  expect(list.scrollTop).toBe(200)
  scrollTo(height - view)
  await grow()
  expect(list.scrollTop).toBe(height - view)
})

test('the end stays in view when the list gets smaller, also before it was heard that it had scrolled there', () => {
  view = 100
  scrolled()
  resize()
  expect(list.scrollTop).toBe(900)
})

test('nothing is scrolled after it was stopped', async () => {
  stop()
  await grow()
  resize()
  expect(list.scrollTop).toBe(700)
})
