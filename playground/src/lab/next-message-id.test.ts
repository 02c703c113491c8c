// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { messageIds } from './next-message-id.ts'

test('the numbers of a person in a room go up by one, also over a reload and in a second tab', () => {
  const inOneTab = messageIds('ada', 'lobby')
  expect([inOneTab(), inOneTab()]).toEqual(['ada.1', 'ada.2'])
  const inAnother = messageIds('ada', 'lobby')
  expect([inAnother(), inOneTab()]).toEqual(['ada.3', 'ada.4'])
})

test('another room and another person count for themselves', () => {
  expect(messageIds('bob', 'lobby')()).toBe('bob.1')
  expect(messageIds('ada', 'attic')()).toBe('ada.1')
})
