// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { syncDevtoolsPlugin } from './devtools-plugin.ts'
import { recordedRoom } from './testing/shown-panel.ts'

const { client, recorder } = recordedRoom()
afterEach(() => client.close())

test('as a plugin of TanStack Devtools the panel is drawn with its theme, once, and taken away', () => {
  const target = document.createElement('div')
  const { id, name, render, destroy } = syncDevtoolsPlugin({ client, recorder })
  expect([id, name]).toEqual(['durable-sync', 'Durable Sync'])
  const themes = () => [...target.children].map((each) => each.getAttribute('data-theme'))
  render(target, { theme: 'dark' })
  expect(themes()).toEqual(['dark'])
  render(target, 'light')
  expect(themes()).toEqual(['light'])
  destroy()
  expect(themes()).toEqual([])
})
