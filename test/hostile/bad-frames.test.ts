import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createWorld, type World } from '../support/world.ts'
import { endOf, intrusions } from './intruder.ts'
import { enterNeighbour } from './neighbour.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const ROOM = 'bad-frames'
const intrusion = intrusions(() => world, ROOM)
const MALLORY = { userId: 'mallory' }

/** A push of one item, as it travels. */
const pushOf = (forms: readonly unknown[], cid: string, n: number, item: unknown) =>
  JSON.stringify({ type: 'push', forms, runs: [{ cid, n, items: [item] }] })

const invalid = { type: 'refused', re: 'frame', code: 'frame-invalid' }

intrusion(
  'text that is not JSON is refused, and the next frame is taken [I2]',
  async ({ client, outcome }) => {
    for (const text of [
      '',
      'not JSON',
      '{"type":"hello"',
      '{"type":"push",}',
      'null',
      '[]',
      '7',
      '"push"',
      '\u0000',
    ]) {
      client.sendText(text)
      expect(await client.next('refused'), text).toMatchObject(invalid)
      expect((await outcome({ do: 'call', name: 'echo', args: text })).is).toBe('committed')
    }
  },
)

intrusion('a binary frame is refused with a message that says what frames are [I2]', async ({ client }) => {
  client.sendBytes(new TextEncoder().encode('{"type":"leave","sub":1}'))
  expect(await client.next('refused')).toEqual({ ...invalid, message: 'a binary frame: frames are text' })
})

intrusion('a refusal names the field that is wrong [I2]', async ({ client }) => {
  for (const [frame, field] of [
    [{ type: 'what' }, 'type must be one of'],
    [{ type: 'leave' }, 'sub'],
    [{ type: 'leave', sub: -1 }, 'sub'],
    [{ type: 'leave', sub: 2 ** 53 }, 'sub'],
    [{ type: 'push', forms: [], runs: {} }, 'runs'],
    [{ type: 'push', forms: [{ do: 'upsert' }], runs: [] }, 'forms[0].do'],
    [
      { type: 'push', forms: [], runs: [{ cid: 'c', n: 1, items: [[0, 'k']] }] },
      'runs[0].items[0] has the form 0',
    ],
    [{ type: 'open', cids: [{ cid: 'x'.repeat(129), seen: 0 }] }, 'cids[0].cid'],
    [{ type: 'auth', token: 7 }, 'token'],
  ] as const) {
    client.sendText(JSON.stringify(frame))
    const { message } = await client.next('refused')
    expect(message).toContain(field)
    client.sendText(JSON.stringify({ type: 'ack', bytes: 0 }))
  }
})

intrusion('a key that is not text is no operation at all [D1]', async ({ client, cid }) => {
  for (const key of [1, null, true, ['a'], { hex: '00' }]) {
    client.sendText(pushOf([{ do: 'insert', in: 'samples', cols: [] }], cid, 1, [0, key]))
    expect(await client.next('refused')).toMatchObject(invalid)
  }
})

intrusion(
  'a push that says too little or too much is refused whole, and the numbers that it has are free [I2, R7]',
  async ({ client, cid, outcome }) => {
    const forms = [{ do: 'insert', in: 'samples', key: 'id', cols: ['t'] }]
    const runs = (...items: unknown[]) => [{ cid, n: 1, items: [[0, 'good', 'x'], ...items] }]
    for (const [push, says] of [
      [{ forms, runs: runs([1, 'k', 'x']) }, 'runs[0].items[1] has the form 1, there are 1'],
      [{ forms, runs: runs([-1, 'k', 'x']) }, 'runs[0].items[1][0] must be a whole number'],
      [{ forms, runs: runs([0, 'k']) }, 'runs[0].items[1] has 0 values, its form has 1 columns'],
      [{ forms, runs: runs([[0, 'k', 'x', 'y']]) }, 'runs[0].items[1][0] has 2 values'],
      [{ forms: [{ ...forms[0], cols: ['id'] }], runs: runs() }, 'forms[0].cols has the column of the key'],
      [{ forms: [{ ...forms[0], cols: ['t', 't'] }], runs: runs() }, 'forms[0].cols names a column twice'],
      [{ forms, runs: [{ cid, n: Number.MAX_SAFE_INTEGER, items: [[], []] }] }, 'runs[0].n must leave room'],
    ] as const) {
      client.sendText(JSON.stringify({ type: 'push', ...push }))
      expect(await client.next('refused')).toEqual({ ...invalid, message: expect.stringContaining(says) })
    }
    client.sendText('{"type":"push","forms":[],"runs":[]}')
    const ops = [{ collection: 'samples', type: 'insert', key: 'good', cols: { t: 'x' } }]
    expect((await outcome({ do: 'mutate', ops })).is).toBe('committed')
  },
)

intrusion(
  'a rejection stays a frame, however long the name is that it complains about [I2]',
  async ({ client, cid }) => {
    const forms = [{ do: 'insert', in: 'samples', cols: ['x'.repeat(900_000)] }]
    client.sendText(pushOf(forms, cid, 1, [0, 'k', 1]))
    expect((await client.pass()).settled[0]?.outcome).toMatchObject({
      is: 'rejected',
      code: 'unknown-column',
    })
  },
)

intrusion(
  'a tenth useless frame in a row closes with 4400, and one good frame starts the count again [I2]',
  async ({ client, end, outcome }) => {
    for (let i = 0; i < 9; i++) client.sendText('{}')
    expect(
      (await outcome({ do: 'call', name: 'echo', args: null }).catch(() => undefined))?.is,
    ).toBeUndefined()
    for (let i = 0; i < 8; i++) await client.next('refused')
    await client.pass()
    for (let i = 0; i < 10; i++) client.sendText('{}')
    for (let i = 0; i < 9; i++) await client.next('refused')
    expect((await end()).code).toBe(4400)
  },
)

intrusion('a predicate nested deeper than 64 is refused before it can hurt [I2]', async ({ client }) => {
  const nest = (depth: number) => `${'{"op":"not","of":'.repeat(depth)}{"op":"always"}${'}'.repeat(depth)}`
  for (const depth of [65, 10_000]) {
    client.sendText(`{"type":"join","sub":1,"join":1,"collection":"samples","where":${nest(depth)}}`)
    expect((await client.next('refused')).message).toContain('nested deeper than 64')
  }
})

intrusion(
  'JSON of any depth in arguments reaches the handler, and what it returns is refused by type [C19, I2]',
  async ({ client, cid }) => {
    for (const [i, depth] of [50, 99, 1000, 200_000].entries()) {
      const args = `${'['.repeat(depth)}${']'.repeat(depth)}`
      client.sendText(
        `{"type":"push","forms":[],"runs":[{"cid":"${cid}","n":${i + 1},"items":[{"do":"call","name":"echo","args":${args}}]}]}`,
      )
      const [receipt] = (await client.pass()).settled
      expect(receipt?.outcome).toMatchObject(
        depth < 100 ? { is: 'committed' } : { is: 'rejected', code: 'result-unserialisable' },
      )
    }
  },
)

intrusion(
  'a stored value of any depth is decided and does not end the object [I2]',
  async ({ client, cid }) => {
    const meta = `{"json":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const forms = '[{"do":"insert","in":"todos","cols":["title","meta"]}]'
    client.sendText(
      `{"type":"push","forms":${forms},"runs":[{"cid":"${cid}","n":1,"items":[[0,"deep","x",${meta}]]}]}`,
    )
    expect(['committed', 'rejected']).toContain((await client.pass()).settled[0]?.outcome.is)
  },
)

intrusion('names of JavaScript’s own are names like any other [I2]', async ({ client, cid, outcome }) => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const ops = `[{"collection":"samples","type":"insert","key":"k","cols":{"${name}":1}}]`
    expect(await outcome({ do: 'mutate', ops: JSON.parse(ops) as unknown[] })).toMatchObject({
      code: 'unknown-column',
    })
    const foreign = [{ collection: name, type: 'insert', key: 'k', cols: {} }]
    expect(await outcome({ do: 'mutate', ops: foreign })).toMatchObject({ code: 'unknown-collection' })
    expect(await outcome({ do: 'call', name, args: null })).toMatchObject({ code: 'unknown-command' })
    client.send({ type: 'join', sub: 1, join: 1, collection: name })
    expect(await client.next('refused')).toMatchObject({ re: 'join', code: 'unknown-collection' })
    client.sendText(`{"${name}":{"type":"leave"},"type":"leave","sub":1}`)
  }
  const args = JSON.parse('{"__proto__":{"polluted":true}}') as unknown
  const echoed = await outcome({ do: 'call', name: 'echo', args })
  expect(JSON.stringify(echoed)).toContain('"__proto__":{"polluted":true}')
  expect(cid in {}).toBe(false)
})

intrusion('a second hello closes with 4400 [I2]', async ({ client, end }) => {
  client.hello()
  expect(await end()).toEqual({ code: 4400, message: 'hello is said once' })
})

test('anything before hello closes with 4400 and is not carried out [I2, R7]', async () => {
  const neighbour = await enterNeighbour(world, 'early')
  const ops = [{ collection: 'samples', type: 'insert', key: 'early', cols: {} }] as const
  for (const frame of [
    { type: 'push', items: [{ cid: 'c', n: 1, do: 'mutate', ops }] },
    { type: 'join', sub: 1, join: 1, collection: 'samples' },
    { type: 'auth', token: '{}' },
    { type: 'open', cids: [] },
  ] as const) {
    const client = await world.connect('early', MALLORY)
    client.send(frame)
    expect((await endOf(client)).code, frame.type).toBe(4400)
    await neighbour.write()
  }
  await neighbour.expectEqual()
})

test('a version out of range closes with 4400 and says which are served [I2]', async () => {
  for (const v of [0, 2, 2 ** 53 - 1]) {
    const client = await world.connect(ROOM, MALLORY)
    client.hello({ v })
    expect(await endOf(client)).toEqual({
      code: 4400,
      message: `protocol version ${v} is not supported, 1 to 1 are`,
    })
  }
})

test('whoever has no claims is told so and gets no socket to the object [I1]', async () => {
  const neighbour = await enterNeighbour(world, 'locked')
  const client = await world.connect('locked', null)
  expect((await endOf(client)).code).toBe(4401)
  expect((await world.stats('locked')).sockets).toBe(1)
  await neighbour.write()
})

/** A socket without the fixture's help, to say what it would not say. */
async function bareSocket(): Promise<WebSocket> {
  const socket = new WebSocket(world.url(ROOM, MALLORY))
  await new Promise((resolve) => socket.once('open', resolve))
  return socket
}

test('text that is not UTF-8 is refused like any other useless text [I2]', async () => {
  const neighbour = await enterNeighbour(world, ROOM)
  const socket = await bareSocket()
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(data.toString())))
  socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false })
  expect(await answer).toContain('"code":"frame-invalid"')
  socket.terminate()
  await neighbour.write()
})

test('a message beyond the runtime’s own limit disturbs nobody else [I2]', async () => {
  const neighbour = await enterNeighbour(world, ROOM)
  const socket = await bareSocket()
  const heard: string[] = []
  socket.on('message', (data) => heard.push(data.toString()))
  await new Promise((resolve) =>
    socket.send(Buffer.alloc(33 * 1024 * 1024, 0x20), { binary: false }, resolve),
  )
  for (let i = 0; i < 10; i++) await neighbour.write()
  expect(heard).toEqual([])
  // The runtime takes ten seconds over its close, 1009.
  socket.terminate()
  await neighbour.expectEqual()
})
