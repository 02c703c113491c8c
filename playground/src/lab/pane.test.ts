// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { paneAddress, readPane } from './pane.ts'

const read = (address: string) => readPane(new URL(address, 'http://localhost'))

test('an address names the framework, the page, the room and the seat', () => {
  expect(read('/vue/board?room=attic&seat=3')).toMatchObject({
    framework: 'vue',
    page: 'board',
    room: 'attic',
    seat: 3,
  })
})

test('what is not said, or makes no sense, is the usual', () => {
  for (const address of ['/', '/angular/mail', '/joined?room=%20&seat=0', '/react?seat=1.5', '/react?seat=x'])
    expect(read(address), address).toMatchObject({ framework: 'react', page: 'chat', room: 'lobby', seat: 1 })
})

test('an address that is written is read as what it was written for', () => {
  const pane = { framework: 'svelte', page: 'items', room: 'attic', seat: 2 } as const
  expect(read(paneAddress(pane))).toMatchObject(pane)
})

test('every framework and every seat is a person that the Worker accepts, and the same one after a reload', () => {
  const addresses = ['/react/chat', '/vue/chat', '/vue/board', '/vue/chat?seat=2']
  const ids = addresses.map((address) => read(address).user.id)
  expect(ids.map((id) => id.replace(/-\w+$/, ''))).toEqual([
    'lab-react-1',
    'lab-vue-1',
    'lab-vue-1',
    'lab-vue-2',
  ])
  expect(ids[1]).toBe(ids[2])
  for (const id of ids) expect(id).toMatch(/^[\w-]{1,64}$/)
  expect(addresses.map((address) => read(address).user.id)).toEqual(ids)
})

test('two browsers have different people', () => {
  const here = read('/vue/chat').user.id
  localStorage.clear()
  expect(read('/vue/chat').user.id).not.toBe(here)
})
