import { expect, test } from 'vitest'
import type { Person } from '../../worker/chat/registry.ts'
import { introduce } from './introduce.ts'

const ada = { id: 'a', name: 'Ada' }

function room(loading: Promise<void>, known: Person[] = []) {
  const people = new Map<string, Person>()
  return {
    people,
    preload: async () => {
      await loading
      for (const person of known) people.set(person.id, person)
    },
    has: (id: string) => people.has(id),
    insert: (person: Person) => people.set(person.id, person),
  }
}

test('somebody new is introduced once it is known who is there', async () => {
  const lobby = room(Promise.resolve())
  await introduce(lobby, ada)
  expect([...lobby.people.values()]).toEqual([ada])
})

test('somebody whom the room knows keeps the name that it knows', async () => {
  const lobby = room(Promise.resolve(), [{ id: 'a', name: 'Countess' }])
  await introduce(lobby, ada)
  expect(lobby.people.get('a')).toEqual({ id: 'a', name: 'Countess' })
})

test('nobody is introduced to a room that never answers', async () => {
  const lobby = room(Promise.reject(new Error('closed')))
  await introduce(lobby, ada)
  expect(lobby.people.size).toBe(0)
})
