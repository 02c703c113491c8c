// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepFocus } from './keep-focus.ts'

let list: HTMLUListElement
let stop: () => void
beforeEach(() => {
  document.body.innerHTML = `
    <ul tabindex="0"><li><button id="a">A</button></li><li><button id="b">B</button></li></ul>
    <button id="elsewhere">Elsewhere</button>`
  list = document.querySelector('ul') as HTMLUListElement
  stop = keepFocus(list)
})
afterEach(() => stop())

const button = (id: string) => document.getElementById(id) as HTMLButtonElement
const rowOf = (id: string) => button(id).closest('li') as HTMLLIElement
/** Observers are told in a microtask. */
const told = () => Promise.resolve()

test('a control whose row is moved keeps the focus', async () => {
  button('b').focus()
  list.prepend(rowOf('b'))
  expect(document.activeElement).toBe(document.body)
  await told()
  expect(document.activeElement).toBe(button('b'))
})

test('when its row is gone the list has the focus', async () => {
  button('b').focus()
  rowOf('b').remove()
  await told()
  expect(document.activeElement).toBe(list)
})

test('a focus that went elsewhere is left there', async () => {
  button('b').focus()
  button('elsewhere').focus()
  list.prepend(rowOf('b'))
  await told()
  expect(document.activeElement).toBe(button('elsewhere'))
})

test('who clicked beside everything is left alone', async () => {
  button('b').focus()
  button('b').blur()
  document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }))
  list.prepend(rowOf('b'))
  await told()
  expect(document.activeElement).toBe(document.body)
})

test('nothing is done after it was stopped', async () => {
  button('b').focus()
  stop()
  list.prepend(rowOf('b'))
  await told()
  expect(document.activeElement).toBe(document.body)
})
