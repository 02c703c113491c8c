import { expect, test } from 'vitest'
import type { Block, Position } from '../wire/index.ts'
import { memoryDevice } from './memory-device.ts'
import type { NewWrite, ShapeRows } from './room-storage.ts'

const at = (seq: number) => `${seq}.n.o` as Position
const rows = (...ids: string[]): Block => ({ cols: ['id'], up: ids.map((id) => [id]), del: [] })
const shape: ShapeRows = {
  key: 'todos/1',
  spec: { collection: 'todos' },
  token: 't',
  keyColumn: 'id',
  kinds: {},
  onDemand: false,
  at: at(1),
  boundary: undefined,
  blocks: [rows('a')],
}
const write = (id: string): NewWrite => ({
  id,
  cid: 'c',
  n: null,
  sent: false,
  work: { do: 'call', name: 'x', args: [] },
  schemaVersion: 1,
  queuedAt: 0,
})

test('rows, position and writes outlive the client that kept them', async () => {
  const factory = memoryDevice()
  const room = factory.open('wss://x').room('room')
  await room.commit({ replace: [shape], putWrites: [write('w1')] })
  const passes = [{ from: at(1), to: at(2), shapes: [{ key: shape.key, blocks: [rows('b')] }] }]
  const { ords } = await room.commit({ passes, putWrites: [write('w2')], deleteWrites: ['w1'] })
  await room.close()
  const { shapes, writes } = await factory.open('wss://x').room('room').load()
  expect(shapes[0]?.position).toBe(at(2))
  expect(shapes[0]?.blocks).toEqual([rows('a', 'b')])
  expect(writes.map(({ id, ord }) => [id, ord])).toEqual([['w2', ords.get('w2')]])
})

test('a shape that missed a pass stays as it was, and goes on from there after a load', async () => {
  const room = memoryDevice().open('wss://x').room('room')
  await room.commit({ replace: [shape] })
  const pass = (from: number, to: number) => ({
    passes: [{ from: at(from), to: at(to), shapes: [{ key: shape.key, blocks: [rows(`at ${to}`)] }] }],
  })
  expect((await room.commit(pass(2, 3))).adrift).toEqual([shape.key])
  expect((await room.commit(pass(1, 2))).adrift).toEqual([shape.key])
  expect((await room.load()).shapes[0]?.position).toBe(at(1))
  expect((await room.commit(pass(1, 2))).adrift).toEqual([])
})

test('a write whose rows are not kept stays, and the queue of its room is told without rows', async () => {
  const device = memoryDevice().open('wss://x')
  const room = device.room('room')
  await device.room('another').commit({ putWrites: [write('elsewhere')] })
  await room.commit({ replace: [shape], putWrites: [write('w1'), write('w2')] })
  const missed = { from: at(2), to: at(3), shapes: [{ key: shape.key, blocks: [rows('b')] }] }
  await room.commit({ passes: [missed], deleteWrites: ['w1'] })
  await room.commit({ deleteWrites: ['w2'] })
  const { ords } = await room.commit({ putWrites: [write('w3'), write('w1')] })
  const { writes, failed, ...others } = await room.queue()
  expect(writes.map(({ id, ord }) => [id, ord])).toEqual([
    ['w1', 2],
    ['w3', ords.get('w3')],
  ])
  expect({ failed, others }).toEqual({ failed: [], others: {} })
})

test('the writes of all rooms are in the order in which they were kept', async () => {
  const device = memoryDevice().open('wss://x')
  for (const [room, id] of [
    ['b', '1'],
    ['a', '2'],
    ['b', '3'],
  ] as const)
    await device.room(room).commit({ putWrites: [write(id)] })
  expect((await device.queue()).writes.map(({ id }) => id)).toEqual(['1', '2', '3'])
})
