import { afterEach, expect, it, vi } from 'vitest'
import { ending, row } from '../client/testing/todo-room.ts'
import { closeAll, first, run, titled } from './testing/bare-collection.ts'

afterEach(closeAll)
afterEach(() => {
  vi.restoreAllMocks()
})

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })

/** The next commit throws, after it was carried out. */
function throwOnce(listen: (next: () => void) => void): void {
  listen(() => {
    listen(() => {})
    throw new Error('a listener')
  })
}

it('a window whose commit throws has no hole: what it let go of comes back by its page', async () => {
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { server, load, rows, listen } = run()
  for (let i = 10; i < 60; i++) server.put('todos', row(`k${i}`))
  await load(first(4))
  throwOnce(listen)
  for (const id of ['k00', 'k01', 'k02']) server.put('todos', row(id))
  server.flush()
  await until(() => expect([...rows.keys()].sort()).toEqual(['k00', 'k01', 'k02', 'k10', 'k11', 'k12']))
  await until(() => expect(server.heard.at(-1)).toMatchObject({ type: 'narrow', boundary: ['k12', 'k12'] }))
  expect(reported.mock.calls).toMatchObject([[{ message: 'a listener' }]])
  for (const id of ['k00', 'k01', 'k02']) server.remove('todos', id)
  server.flush()
  await until(() => expect([...rows.keys()].sort()).toEqual(['k10', 'k11', 'k12', 'k13', 'k14', 'k15']))
})

it('a load whose commit throws is there nevertheless', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const { server, load, rows, listen } = run()
  server.put('todos', row('a', 'x'))
  throwOnce(listen)
  await load({ where: titled('x') })
  expect(rows.size).toBe(1)
})

it.each([
  ['returns another column', ({ title }: { title: string }) => title],
  [
    'throws',
    () => {
      throw new TypeError('of undefined')
    },
  ],
])('every load is refused when getKey %s', async (_, getKey) => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const { server, load, rows } = run({ getKey })
  server.put('todos', row('a', 'x'))
  const mistaken = { code: 'key-mismatch' }
  expect(await ending(Promise.resolve(load({ where: titled('x') })))).toMatchObject(mistaken)
  expect(await ending(Promise.resolve(load({ where: titled('x') })))).toMatchObject(mistaken)
  expect(await ending(Promise.resolve(load({ where: titled('y') })))).toMatchObject(mistaken)
  expect(rows.size).toBe(0)
})
