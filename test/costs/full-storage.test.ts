import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PushItem } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { again, declared, job, mutate, remove, sample } from '../protocol/items.ts'
import { Watcher } from '../protocol/watcher.ts'
import { RawClient } from '../support/raw-client.ts'
import { startWorker } from '../support/workerd.ts'
import { createWorld, type World } from '../support/world.ts'

const rejected = (code: string) => ({ is: 'rejected', code, message: 'the server could not carry this out' })

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

async function writerOf(room: string) {
  const watcher = await Watcher.open(world, room, ['samples'], declared)
  const settle = async (...items: PushItem[]) =>
    (await watcher.settle(...items)).map(({ outcome }) => outcome)
  return { client: watcher.client, settle }
}

test('a write for which the tables have no room is refused, everybody stays connected, and what makes room goes through', async () => {
  const { settle } = await writerOf('tables')
  const reader = await Watcher.open(world, 'tables', ['samples'], { client: 'reader' })
  await settle(sample(1, 'a'), sample(2, 'b'))
  const { constructed } = await world.stats('tables')
  await world.control('tables', 'fill', { full: 'tables' })
  expect(await settle(sample(3, 'c'))).toEqual([rejected('execute-failed')])
  expect(await settle(mutate(4, remove('samples', 'a')))).toEqual([{ is: 'committed' }])
  await world.control('tables', 'fill', { full: 'nothing' })
  expect(await settle(sample(5, 'c'))).toEqual([{ is: 'committed' }])
  expect((await world.rows('tables', 'samples')).map(({ id }) => id)).toEqual(['b', 'c'])
  await reader.client.pass()
  expect((await world.stats('tables')).constructed).toBe(constructed)
})

test('where not even a refusal has room, nothing is decided and nobody is disconnected, and the write is run once when there is room', async () => {
  const { client, settle } = await writerOf('everything')
  await settle(sample(1, 'a'))
  const { constructed } = await world.stats('everything')
  await world.control('everything', 'fill', { full: 'everything' })
  client.push(sample(2, 'b'))
  expect(await client.next('refused')).toMatchObject({ re: 'push', n: 2, code: 'internal' })
  await world.control('everything', 'fill', { full: 'nothing' })
  expect(await settle(again(sample(2, 'b')))).toEqual([{ is: 'committed' }])
  expect((await world.rows('everything', 'samples')).map(({ id }) => id)).toEqual(['a', 'b'])
  expect((await world.stats('everything')).constructed).toBe(constructed)
})

test('where not even a refusal has room, a write that waited for its permission disconnects nobody either, the first time and when it is sent again', async () => {
  const { client, settle } = await writerOf('awaited')
  const other = await Watcher.open(world, 'awaited', ['samples'], {
    client: 'other',
    cids: [{ cid: 'cid-2', seen: 0 }],
  })
  await settle(sample(1, 'a'))
  const { constructed } = await world.stats('awaited')
  await world.control('awaited', 'fill', { full: 'everything' })
  client.push(job(2, 'later', 'plain', 20))
  expect(await client.next('refused')).toMatchObject({ re: 'push', n: 2, code: 'internal' })
  client.push(again(job(2, 'later', 'plain', 20)))
  expect(await client.next('refused')).toMatchObject({ re: 'push', n: 2, code: 'internal' })
  await world.control('awaited', 'fill', { full: 'nothing' })
  expect(await settle(again(job(2, 'later', 'plain', 20)))).toEqual([{ is: 'committed' }])
  expect((await world.rows('awaited', 'jobs')).map(({ id }) => id)).toEqual(['later'])
  await other.client.pass()
  expect((await world.stats('awaited')).constructed).toBe(constructed)
})

const ENTRY = fileURLToPath(new URL('../worker/entry.ts', import.meta.url))
const OBJECTS = {
  ROOM: 'Room',
  SESSION: 'SessionDO',
  NO_CLAIMS: 'NoClaims',
  NO_TABLE: 'NoTable',
  LOBBY: 'Lobby',
}
const DISK = '12m'
const LARGE = 'x'.repeat(300_000)

/** A small disk in memory. Only some machines let a test have one. */
function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('on a disk that is full a large write is given up after three attempts, small ones and reads go on, and nothing that was confirmed is lost', async ({
  skip,
}) => {
  const disk = await mkdtemp(join(tmpdir(), 'disk-'))
  if (!mount(disk)) {
    await rm(disk, { recursive: true })
    skip('this machine does not let a test mount a disk')
  }
  const worker = await startWorker({ script: ENTRY, objects: OBJECTS, persist: disk })
  try {
    const claims = encodeURIComponent(JSON.stringify({ userId: 'ada' }))
    const enter = async () => {
      const client = await RawClient.open(`ws://127.0.0.1:${worker.port}/sync/full?claims=${claims}`)
      await client.enter(declared)
      return client
    }
    const large = (n: number) => sample(n, `large ${n}`, { t: LARGE })
    let client = await enter()
    let n = 0
    let end: { readonly code: number } | undefined
    while (!end) {
      client.push(large(++n))
      end = await Promise.race([
        client.pass().then(
          () => undefined,
          () => client.ended(),
        ),
        client.ended(),
      ])
    }
    expect(end.code).toBe(1006)
    expect(n).toBeGreaterThan(10)
    // Its first try and two resends end the object; the next resend is answered without being run.
    for (let attempt = 0; attempt < 2; attempt++) {
      client = await enter()
      client.push(again(large(n)))
      expect((await client.ended()).code).toBe(1006)
    }
    client = await enter()
    const { outcomes } = await client.settle(again(large(n)), sample(n + 1, 'small'))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([rejected('handler-crashed'), { is: 'committed' }])
    const { chunks } = await client.join({ sub: 1, collection: 'samples' })
    expect(chunks.reduce((sum, { up }) => sum + up.length, 0)).toBe(n)
  } finally {
    await worker.stop()
    execFileSync('umount', ['-l', disk])
    await rm(disk, { recursive: true })
  }
})
