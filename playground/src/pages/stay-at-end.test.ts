// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stayAtEnd } from './stay-at-end.ts'

const VIEW = 300

let list: HTMLElement
let height: number
let resize: () => void
let stop: () => void
beforeEach(() => {
  height = 1000
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
  list = document.createElement('div')
  Object.defineProperties(list, {
    scrollHeight: { get: () => height },
    clientHeight: { get: () => VIEW },
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
  list.dispatchEvent(new Event('scroll'))
}

test('the end is in view from the start, and stays there while messages come', async () => {
  expect(list.scrollTop).toBe(1000)
  await grow()
  expect(list.scrollTop).toBe(1100)
})

test('who reads further up is left alone, until they are back at the end', async () => {
  scrollTo(200)
  await grow()
  expect(list.scrollTop).toBe(200)
  scrollTo(height - VIEW)
  await grow()
  expect(list.scrollTop).toBe(height)
})

test('the end stays in view when the list gets another height', () => {
  height = 1400
  resize()
  expect(list.scrollTop).toBe(1400)
})

test('nothing is scrolled after it was stopped', async () => {
  stop()
  await grow()
  resize()
  expect(list.scrollTop).toBe(1000)
})
