import { CloseCode, type ServerFrame } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'
import { recordConversations } from './conversation.ts'
import {
  answerTo,
  isRefusalOfUseless,
  isUseless,
  numbersIn,
  numbersOf,
  understood,
} from './expected-answers.ts'
import { type Mutant, mutant, randomFrom } from './mutator.ts'
import { enterNeighbour, type Neighbour } from './neighbour.ts'
import { promptly } from './promptly.ts'

const FRAMES = 10_000
const BATCH = 200
const ROOM = 'hostile'
/** The same frames in every run; `SEED=… npx vitest run test/hostile/mutated-frames` says others. */
const seed = Number(process.env.SEED ?? 1)

/** Outcomes that a fair share of the mutants must reach: the frames are near enough to good ones. */
const REACHED = [
  'committed',
  'skipped',
  'denied',
  'unknown-collection',
  'unknown-column',
  'unknown-command',
  'value-invalid',
  'key-empty',
  'constraint-failed',
]

const DOCUMENTED: readonly number[] = Object.values(CloseCode)

let world: World
let frames: string[]
let neighbour: Neighbour
beforeAll(async () => {
  world = await createWorld()
  frames = await recordConversations(world, ROOM)
  neighbour = await enterNeighbour(world, ROOM)
})
afterAll(() => world.stop())

const isHello = (made: Mutant) => 'text' in made && made.text.includes('"hello"')
const say = (client: RawClient, made: Mutant) =>
  'bytes' in made ? client.sendBytes(made.bytes) : client.sendText(made.text)

/** Answered always and at once, so that what comes before it tells what became of the frame before. */
const probe = (i: number) => ({ type: 'page', request: PROBES + i, sub: 1, after: [], limit: 1 }) as const
/** Probes have numbers that no mutant has. */
const PROBES = 123_456_789

/** Client ids that nothing was decided for yet: one for every push that shall get past the numbers, as far as they go. */
const FRESH = 60

let clients = 0
async function welcomed(): Promise<{ client: RawClient; fresh: string[] }> {
  const client = await world.connect(ROOM, { userId: 'mallory' })
  const number = ++clients
  const fresh = Array.from({ length: FRESH }, (_, i) => `m-${number}-${i}`)
  const cids = ['r-1', ...fresh].map((cid) => ({ cid, seen: 0 }))
  await client.enter({ client: `mallory ${number}`, cids })
  await client.join({ sub: 1, collection: 'todos' })
  return { client, fresh }
}

/** The same push under a client id whose first numbers these are, so that its operations are looked at and not only its numbers. */
function renumbered(made: Mutant, fresh: string[]): Mutant {
  if (!('text' in made) || !made.text.includes('"push"')) return made
  try {
    const frame = JSON.parse(made.text) as { runs?: unknown }
    if (!Array.isArray(frame.runs)) return made
    const cid = fresh.pop()
    if (cid === undefined) return made
    let n = 1
    for (const run of frame.runs as ({ items?: unknown } | null)[]) {
      if (typeof run !== 'object' || run === null) continue
      Object.assign(run, { cid, n })
      if (Array.isArray(run.items)) n += run.items.length
    }
    return { text: JSON.stringify(frame) }
  } catch {
    return made
  }
}

const isEnd = (error: unknown) => error instanceof Error && error.message.startsWith('closed with')

/** The next frame, or null when there will be none. */
const taken = (client: RawClient): Promise<ServerFrame | null> =>
  client.take().catch((error: unknown) => {
    if (isEnd(error)) return null
    throw error
  })

/** Everything up to the answer to the probe with this number, or null when the socket has ended before. */
async function upTo(client: RawClient, request: number): Promise<ServerFrame[] | null> {
  const frames: ServerFrame[] = []
  for (;;) {
    const frame = await taken(client)
    if (frame === null) return null
    if (frame.type === 'refused') {
      expect(frame.code, `seed ${seed}: ${frame.message}`).not.toBe('internal')
      if (frame.re === 'page' && frame.request === request) return frames
    }
    frames.push(frame)
  }
}

const counts = { answered: 0, closed: 0, hellos: 0, understood: new Map<string, number>() }

/** How many of the mutants are frames after all, by type. */
function count(made: Mutant): void {
  const type = understood(made)?.type
  if (type !== undefined) counts.understood.set(type, (counts.understood.get(type) ?? 0) + 1)
}

const brief = (made: Mutant) => ('text' in made ? made.text.slice(0, 300) : 'bytes')

async function expectDocumented(client: RawClient, made: Mutant): Promise<void> {
  const { code } = await promptly(client.closed, `the close, seed ${seed}`)
  expect(DOCUMENTED, `seed ${seed}: closed with ${code} after ${brief(made)}`).toContain(code)
  counts.closed++
}

/** Numbers get their answer when their turn ends, unless the socket ends first: credentials are looked at later still. */
async function expectDecided(
  client: RawClient,
  numbers: ReadonlySet<string>,
  heard: ServerFrame[],
): Promise<void> {
  const open = new Set(numbers)
  for (const frame of heard) for (const number of numbersIn(frame)) open.delete(number)
  while (open.size > 0) {
    const frame = await promptly(taken(client), `the outcome of ${[...open].join(', ')}, seed ${seed}`)
    if (frame === null) return
    for (const number of numbersIn(frame)) open.delete(number)
  }
}

/** Says each frame and asks something after each; what ended a socket is seen by the first question that is not answered. */
async function sayAll(mutants: readonly Mutant[]): Promise<void> {
  let rest = mutants
  while (rest.length > 0) {
    const { client, fresh } = await welcomed()
    const said = rest.map((made, i) => (i % 4 === 0 ? made : renumbered(made, fresh)))
    said.forEach((made, i) => {
      say(client, made)
      client.send(probe(i))
    })
    const heard: ServerFrame[] = []
    let ended: Mutant | undefined
    for (const [i, made] of said.entries()) {
      const frames = await promptly(upTo(client, PROBES + i), `an answer, seed ${seed}`)
      if (frames === null) {
        ended = made
        break
      }
      const isAnswer = answerTo(made)
      if (isAnswer) expect(frames.some(isAnswer), `seed ${seed}: no answer to ${brief(made)}`).toBe(true)
      heard.push(...frames)
      counts.answered++
    }
    const until = ended ? said.indexOf(ended) : said.length
    // Some of what was said after the end may have been refused before it.
    expect(heard.filter(isRefusalOfUseless).length, `seed ${seed}: refusals`).toBeGreaterThanOrEqual(
      said.slice(0, until).filter(isUseless).length,
    )
    if (ended) await expectDocumented(client, ended)
    else await expectDecided(client, new Set(said.flatMap(numbersOf)), heard)
    client.drop()
    rest = rest.slice(until + 1)
  }
}

/** A hello has a socket of its own, and is the first thing on it. */
async function sayHello(made: Mutant): Promise<void> {
  const client = await world.connect(ROOM, { userId: 'mallory' })
  say(client, made)
  client.send(probe(0))
  counts.hellos++
  if (await promptly(upTo(client, PROBES), `an answer to hello, seed ${seed}`)) client.drop()
  else await expectDocumented(client, made)
}

test(`every one of 10,000 mutated frames (SEED=${seed}) is answered or closes with a documented code within a second, and a neighbour writes on [I2, I3]`, async () => {
  const random = randomFrom(seed)
  for (let said = 0; said < FRAMES; said += BATCH) {
    const mutants = Array.from({ length: BATCH }, () => mutant(frames, random))
    mutants.forEach(count)
    const hellos = mutants.filter(isHello)
    await Promise.all([sayAll(mutants.filter((made) => !isHello(made))), ...hellos.map(sayHello)])
    await neighbour.write()
  }
  console.log(`SEED=${seed}`, counts)
  expect(counts.answered).toBeGreaterThan(FRAMES / 2)
  expect(counts.closed).toBeGreaterThan(0)
  for (const type of [
    'hello',
    'open',
    'retire',
    'seen',
    'join',
    'leave',
    'push',
    'page',
    'narrow',
    'auth',
    'ack',
  ])
    expect(counts.understood.get(type), `${type} among the mutants`).toBeGreaterThan(20)
  const events = await world.control(ROOM, 'events', {})
  const decided = new Set(
    events.flatMap((event) => (event.type === 'settled' ? [event.code ?? event.outcome] : [])),
  )
  expect([...decided]).toEqual(expect.arrayContaining(REACHED))
  // What handlers throw is reported to the author; anything else would be a fault of the library.
  const faults = events.filter(
    ({ type, where }) => type === 'error' && where !== 'execute' && where !== 'parseToken',
  )
  expect(faults).toEqual([])
  expect((await world.stats(ROOM)).constructed).toBe(1)
  await neighbour.expectEqual()
}, 120_000)

test('the recorded frames themselves are still understood after all of it [I2]', async () => {
  const client = await world.connect(ROOM, { userId: 'mallory' })
  const [hello] = frames
  if (!hello) throw new Error('nothing was recorded')
  client.sendText(hello)
  expect((await client.next('welcome')).cids).toMatchObject([{ cid: 'r-1' }])
  expect((await client.pass()).live).toBe(true)
})
