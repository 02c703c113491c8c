import { expect, test } from 'vitest'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

test('a revised write stays at its place, with the number and the mark that another tab gave it meanwhile', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [kit.write('first', { n: 1 }), kit.write('second', { n: 2 })] })
  })
  await b.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ markWrites: [{ id: 'first', cid: 'other', n: 7, sent: true }] })
  })
  const found = await a.evaluate(async () => {
    const work = { do: 'call', name: 'new', args: null } as const
    const revised = await kit.rooms
      .get('ada')
      ?.room.revise([
        { becomes: 'write', write: { ...kit.write('first', { n: 1 }), work, schemaVersion: 2 } },
      ])
    const { writes } = await kit.device('ada').room('room').load()
    return {
      revised: [...(revised ?? [])],
      writes: writes.map(({ id, cid, n, sent, work, schemaVersion }) => [
        id,
        cid,
        n,
        sent,
        work.do,
        schemaVersion,
      ]),
    }
  })
  expect(found).toEqual({
    revised: ['first'],
    writes: [
      ['first', 'other', 7, true, 'call', 2],
      ['second', 'c', 2, false, 'mutate', 1],
    ],
  })
})

test('a write that another tab has settled meanwhile does not come back, not even as a failure', async () => {
  const [a, b] = await Promise.all([tab(), tab()])
  await a.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ putWrites: [kit.write('one'), kit.write('two'), kit.write('three')] })
  })
  await b.evaluate(async () => {
    const room = await kit.openRoom('ada')
    await room.commit({ deleteWrites: ['one', 'two'] })
  })
  const found = await a.evaluate(async () => {
    const failure = (id: string) => ({
      becomes: 'failure' as const,
      failure: {
        id,
        code: 'x',
        message: '',
        work: kit.write(id).work,
        number: null,
        queuedAt: 1,
        failedAt: 1,
      },
    })
    const revised = await kit.rooms
      .get('ada')
      ?.room.revise([
        { becomes: 'write', write: kit.write('one', { schemaVersion: 2 }) },
        failure('two'),
        failure('three'),
      ])
    const { writes, failed } = await kit.device('ada').queue()
    return {
      revised: [...(revised ?? [])],
      writes: writes.map(({ id }) => id),
      failed: failed.map(({ id }) => id),
      marks: (await kit.keysOf(kit.nameOf('ada'), 'marks')).length,
    }
  })
  expect(found).toEqual({ revised: ['three'], writes: [], failed: ['three'], marks: 0 })
})
