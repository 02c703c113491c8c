import { expect, test } from 'vitest'
import { addressOfLab, readWhere } from './where.ts'

test('a link leads back to what it was made of', () => {
  const where = { page: 'board', room: 'the-attic' } as const
  expect(readWhere(new URL(addressOfLab(where), 'http://localhost').search)).toEqual(where)
})

test('without a page or a room it is the chat in the lobby', () => {
  for (const search of ['', '?page=mail', '?room=%20'])
    expect(readWhere(search)).toEqual({ page: 'chat', room: 'lobby' })
})
