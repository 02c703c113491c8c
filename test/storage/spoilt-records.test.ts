import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('a database that cannot be read in one place loses that shape, and neither the others nor the writes', async () => {
  const page = await tab()
  const found = await page.evaluate(async () => {
    const { openRoom, shape, spec, at, row, pass, block, write, nameOf, keysOf, put, remove, until } = kit
    const room = await openRoom('ada')
    const names = ['torn segment', 'segment gone', 'torn log', 'torn head', 'head gone', 'whole']
    const shapes = names.map((name) => shape(spec(name), at(1), [row(1)]))
    await room.commit({ replace: shapes, putWrites: [write('w')] })
    await room.commit({
      passes: [
        { from: at(1), to: at(2), shapes: shapes.map(({ key }) => ({ key, blocks: [block([row(2)])] })) },
      ],
    })
    const database = nameOf('ada')
    const spoil = async (store: string, name: string, how: (key: IDBValidKey) => Promise<unknown>) => {
      for (const key of await keysOf(database, store)) if (String(key).includes(name)) await how(key)
    }
    await spoil('segs', 'torn segment', (key) => put(database, 'segs', key, '{"cols":["id"],"up":[["k1"'))
    await spoil('segs', 'segment gone', (key) => remove(database, 'segs', key))
    await spoil('log', 'torn log', (key) => put(database, 'log', key, '{"from":'))
    await spoil('heads', 'torn head', (key) => put(database, 'heads', key, 'no'))
    await spoil('heads', 'head gone', (key) => remove(database, 'heads', key))
    const again = await openRoom('ada')
    const { shapes: left, writes } = await again.load()
    await until(async () => (await keysOf(database, 'segs')).length === 1)
    // A shape that was lost is kept again as soon as its rows are there again.
    const { adrift } = await again.commit({ replace: shapes })
    await again.commit({ passes: [pass(shapes[0]?.key ?? '', 1, 3, [block([row(3)])])] })
    const healed = await kit.reloaded('ada', 'room')
    return {
      left: left.map((each) => each.spec.collection),
      writes: writes.map(({ id }) => id),
      adrift,
      healed: Object.keys(healed).length,
    }
  })
  expect(found).toEqual({ left: ['whole'], writes: ['w'], adrift: [], healed: 6 })
})
