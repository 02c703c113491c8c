import { afterEach, describe, expect, it, vi } from 'vitest'
import { ending, row } from '../client/testing/todo-room.ts'
import { closeAll, first, ref, run, titled } from './testing/bare-collection.ts'

afterEach(closeAll)

const until = (check: () => void) => vi.waitFor(check, { timeout: 1000, interval: 1 })
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 10))
describe('a load of a subset', () => {
  it('is there at once when its rows are, and is not asked for again', async () => {
    const { server, load, joins } = run()
    server.put('todos', row('a', 'x'))
    await load({ where: titled('x') })
    expect(load({ where: titled('x') })).toBe(true)
    expect(load({ where: titled('x'), limit: 3, ...first(3) })).toBe(true)
    expect(joins()).toBe(1)
  })

  it('of nothing at all is there at once', () => {
    const { load, server } = run()
    expect(load({ where: { type: 'val', value: false } })).toBe(true)
    expect(server.heard).toEqual([])
  })

  it('waits for the receipt of the commit that brings its rows [F10]', async () => {
    const { server, load, rows, hold } = run()
    server.put('todos', row('a', 'x'))
    let visible = () => {}
    hold(
      new Promise<void>((resolve) => {
        visible = resolve
      }),
    )
    let settled = 'no'
    const loaded = Promise.resolve(load({ where: titled('x') })).then(() => {
      settled = 'yes'
    })
    await until(() => expect(rows.size).toBe(1))
    // Neither is one there at once that is answered by the same rows.
    const second = load({ where: titled('x') })
    expect(second).not.toBe(true)
    await aWhile()
    expect(settled).toBe('no')
    visible()
    await Promise.all([loaded, second])
  })

  it('of rows that are held waits for what was handed on before it, and for nothing that comes after it [F10]', async () => {
    const { server, load, hold, rows } = run()
    server.put('todos', row('a', 'x'))
    await load({ where: titled('x') })
    let visible = () => {}
    const receipt = () =>
      new Promise<void>((resolve) => {
        visible = resolve
      })
    hold(receipt())
    const first = visible
    server.put('todos', row('b', 'x'))
    server.flush()
    await until(() => expect(rows.size).toBe(2))
    const loaded = load({ where: titled('x') })
    expect(loaded).not.toBe(true)
    hold(receipt())
    server.put('todos', row('c', 'x'))
    server.flush()
    await until(() => expect(rows.size).toBe(3))
    first()
    await loaded
  })

  it('keeps the rows that others let go of until it is there itself', async () => {
    const { server, load, unload, rows, stats } = run()
    server.put('todos', row('a', 'x'))
    server.put('todos', row('b', 'y'))
    const before = { where: titled('x') }
    await load(before)
    server.joins = 'kept'
    const loading = load({ where: titled('y') })
    unload(before)
    await aWhile()
    expect([...rows.keys()]).toEqual(['a'])
    server.release()
    await loading
    await until(() => expect([...rows.keys()]).toEqual(['b']))
    expect(stats()).toMatchObject({ rows: 1, subscriptions: 1 })
  })

  it('that used a wider one gets its own when nobody wants the wider one any more, and its rows stay [F3, F12]', async () => {
    const { server, load, unload, rows, sizes, stats, joins } = run()
    for (const each of [row('a', 'x'), row('b', 'y'), row('c', 'y')]) server.put('todos', each)
    const everything = {}
    await load(everything)
    expect(load({ where: titled('x') })).toBe(true)
    expect(load({ ...first(1), where: titled('y') })).toBe(true)
    expect(joins()).toBe(1)
    unload(everything)
    await until(() => expect(joins()).toBe(3))
    await until(() => expect(stats()).toMatchObject({ subscriptions: 2 }))
    expect(Math.min(...sizes.slice(1))).toBeGreaterThan(1)
    expect(rows.has('a')).toBe(true)
    expect(rows.has('b')).toBe(true)
  })

  it('that is released before its rows have come settles, and its rows do not come [F11]', async () => {
    const { server, load, unload, rows, stats } = run()
    server.put('todos', row('a', 'x'))
    server.joins = 'kept'
    const request = { where: titled('x') }
    const loaded = load(request)
    await aWhile()
    unload(request)
    unload(request)
    await loaded
    await aWhile()
    server.release()
    await aWhile()
    expect([rows.size, stats().subscriptions, server.joined.size]).toEqual([0, 0, 0])
  })

  it('that is aborted rejects with the reason, and leaves those that share its rows alone [F5]', async () => {
    const { server, load, unload, rows, joins } = run()
    server.put('todos', row('a', 'x'))
    server.joins = 'kept'
    const controller = new AbortController()
    const aborted = ending(Promise.resolve(load({ where: titled('x'), signal: controller.signal })))
    const request = { where: titled('x') }
    const shared = load(request)
    const reason = new Error('not wanted')
    await aWhile()
    controller.abort(reason)
    expect(await aborted).toBe(reason)
    server.release()
    await shared
    expect([rows.size, joins()]).toEqual([1, 1])
    expect(await ending(Promise.resolve(load({ where: titled('x'), signal: controller.signal })))).toBe(
      reason,
    )
    unload(request)
    await until(() => expect(rows.size).toBe(0))
  })

  it('settles when the collection is cleaned up, and nothing is written after that [F11]', async () => {
    const { server, load, cleanup, rows } = run()
    server.put('todos', row('a', 'x'))
    server.joins = 'kept'
    const loaded = load({ where: titled('x') })
    await aWhile()
    cleanup()
    await loaded
    server.release()
    await aWhile()
    expect(rows.size).toBe(0)
  })

  it('survives a reset while it waits [F11]', async () => {
    const { server, load, rows } = run()
    server.put('todos', row('a', 'x'))
    await load({ where: titled('x') })
    server.put('todos', row('b', 'y'))
    server.joins = 'kept'
    const loaded = load({ where: titled('y') })
    await aWhile()
    server.reset = 'lineage'
    server.era = 'b'
    server.drop()
    await aWhile()
    server.release()
    await loaded
    expect([...rows.keys()].sort()).toEqual(['a', 'b'])
  })

  it('of more rows of a window waits for its page, and is told when the client is closed first', async () => {
    const { server, load, client, rows } = run()
    for (let i = 10; i < 60; i++) server.put('todos', row(`k${i}`))
    await load(first(4))
    expect(rows.size).toBe(6)
    await load(first(10, 10))
    expect(rows.size).toBe(30)
    server.passes = (frame) => frame.type !== 'page'
    const more = ending(Promise.resolve(load(first(45))))
    await aWhile()
    await client.close()
    expect(await more).toMatchObject({ code: 'client-closed' })
    expect(await ending(Promise.resolve(load(first(46))))).toMatchObject({ code: 'client-closed' })
    expect(await ending(Promise.resolve(load({ where: titled('k10') })))).toMatchObject({
      code: 'client-closed',
    })
  })

  it('that used the rows of one which is refused gets its own [F6]', async () => {
    const { server, load, joins } = run()
    server.put('todos', row('a', 'x'))
    const both = {
      type: 'func',
      name: 'and',
      args: [titled('x'), { ...titled('a'), args: [ref('id'), { type: 'val', value: 'a' }] }],
    } as const
    server.refuses = ({ where }) => (where?.op === 'eq' ? 'unknown-column' : undefined)
    const [wide, narrow] = [load({ where: titled('x') }), load({ where: both })].map((loaded) =>
      ending(Promise.resolve(loaded)),
    )
    expect(await wide).toMatchObject({ code: 'unknown-column' })
    expect(await narrow).toBe('ok')
    expect(joins()).toBe(2)
  })

  it('of rows that are not served any more is refused, although nothing of them may have been shown [E5, I5]', async () => {
    const { server, load, rows, stats } = run()
    server.put('todos', row('a', 'x'))
    await load({ where: titled('x') })
    const [sub] = server.joined.keys()
    server.say({ type: 'refused', re: 'subscription', sub: sub ?? 0, code: 'read-denied', message: 'no' })
    await until(() => expect(rows.size).toBe(0))
    expect(await ending(Promise.resolve(load({ where: titled('x') })))).toMatchObject({ code: 'read-denied' })
    expect(stats().subscriptions).toBe(1)
  })

  it('whose window is released with others lets their rows go in one commit', async () => {
    const { server, load, unload, rows, commits } = run()
    for (let i = 10; i < 40; i++) server.put('todos', row(`k${i}`))
    const requests = [first(4), { where: titled('k30') }, { where: titled('k31') }]
    await Promise.all(requests.map(load))
    expect(rows.size).toBe(8)
    commits.length = 0
    for (const request of requests) unload(request)
    await until(() => expect(rows.size).toBe(0))
    expect(commits).toEqual([8])
  })

  it('of keys is answered with few subscriptions, also while another load waits for ever', async () => {
    const { server, load, rows, sizes, stats } = run()
    for (let i = 100; i < 200; i++) server.put('todos', row(`k${i}`))
    const send = server.send.bind(server)
    server.send = (socket, text) =>
      text.includes('"type":"join"') && text.includes('slow') ? true : send(socket, text)
    void load({ where: titled('slow') })
    const subscription = {}
    for (let i = 100; i < 200; i++) {
      await load({ where: titled(`k${i}`), subscription })
      expect(stats().subscriptions).toBeLessThan(20)
    }
    expect(rows.size).toBe(100)
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(server.joined.size).toBeLessThan(20)
  })

  it('of fewer rows lets a window shrink', async () => {
    const { server, load, unload, rows } = run()
    for (let i = 10; i < 60; i++) server.put('todos', row(`k${i}`))
    const large = first(30)
    await Promise.all([load(first(5)), load(large)])
    expect(rows.size).toBe(45)
    unload(large)
    await until(() => expect(rows.size).toBe(8))
    expect(server.heard.at(-1)).toMatchObject({ type: 'narrow', boundary: ['k17', 'k17'] })
  })
})
