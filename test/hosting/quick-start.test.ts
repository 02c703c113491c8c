import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../support/deadline.ts'
import { RowSet } from '../support/row-set.ts'
import { declaring, insertInto } from './frames.ts'
import { Site } from './site.ts'
import { typeErrors } from './type-check.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
/** A folder that nobody commits. */
const MADE = here('../dist/quick-start')

let object: string
let page: string
let site: Site
beforeAll(async () => {
  object = await readFile(here('./quick-start-object.txt'), 'utf8')
  page = await readFile(here('./quick-start-page.txt'), 'utf8')
  await mkdir(MADE, { recursive: true })
  await writeFile(`${MADE}/object.ts`, object)
  await writeFile(
    `${MADE}/worker.ts`,
    `export { SessionDO } from './object.ts'
import { handWritten } from '../../worker/hand-written-worker.ts'
export default handWritten\n`,
  )
  site = await Site.start({ script: '../dist/quick-start/worker.ts', objects: { SESSIONS: 'SessionDO' } })
})
afterAll(() => site.stop())

const ENV = 'interface Env { readonly KEY: string }\n'
const PAGE = `interface Message { id: string; author: string; content: string; created_at: number }
declare const host: string, sessionId: string, userId: string, content: string\n`

test('the quick start’s object compiles as it is written', () => {
  expect(typeErrors(ENV + object, 'worker')).toEqual([])
})

test('its types are those of the rows: a misspelt column, table, key or claim does not compile', () => {
  for (const [written, misspelt] of [
    ['op.cols.author', 'op.cols.autor'],
    ['m.content', 'm.contents'],
    ['table: "messages"', 'table: "message"'],
    ['collection: "messages"', 'collection: "message"'],
    ['pk: "id"', 'pk: "created_at"'],
    ['user.userId', 'user.name'],
    ['type: "insert"', 'type: "upsert"'],
  ] as const) {
    expect(object).toContain(written)
    expect(typeErrors(ENV + object.replace(written, misspelt), 'worker'), misspelt).not.toEqual([])
  }
}, 60_000)

test('the quick start’s page compiles as it is written, and its rows are typed', () => {
  expect(typeErrors(PAGE + page, 'page')).toEqual([])
  expect(typeErrors(PAGE + page.replace('content, created_at', 'created_at'), 'page')).not.toEqual([])
  expect(typeErrors(PAGE + page.replace('(m) => m.id', '(m) => m.created_at'), 'page')).not.toEqual([])
})

test('a row that one page inserts reaches another, through a Worker written by hand', async () => {
  const alice = await site.connect('/sync/session-1?user=alice', null)
  const bob = await site.connect('/sync/session-1?user=bob', null)
  const { welcome } = await alice.enter({ client: 'a', ...declaring('cid-a') })
  expect(welcome.principal).toBe('alice')
  await bob.enter({ client: 'b' })
  const rows = new RowSet()
  rows.join(await bob.join({ sub: 1, collection: 'messages' }))
  const row = { author: 'alice', content: 'hello', created_at: 1_800_000_000_000 }
  await alice.settle(insertInto('messages', 'cid-a', 1, 'm1', row))
  rows.pass('messages', await bob.pass())
  expect(rows.sorted()).toEqual([{ id: 'm1', ...row }])
})

test('who writes under another name is rejected with the author’s own words', async () => {
  const client = await site.connect('/sync/session-2?user=alice', null)
  await client.enter(declaring('cid-a'))
  const row = { author: 'bob', content: 'forged', created_at: 1 }
  const { outcomes } = await client.settle(insertInto('messages', 'cid-a', 1, 'm1', row))
  expect(outcomes[0]?.outcome).toEqual({ is: 'rejected', code: 'denied', message: 'author mismatch' })
})

test('the sessions of two rooms have nothing in common', async () => {
  const one = await site.connect('/sync/session-3?user=alice', null)
  const two = await site.connect('/sync/session-4?user=alice', null)
  const ids = [await one.enter(), await two.enter()].map(({ welcome }) => welcome.object)
  expect(ids[0]).not.toBe(ids[1])
})

test('a Worker that authenticates by status refuses with it', async () => {
  await expect(site.connect('/sync/session-1', null)).rejects.toMatchObject({ status: 401 })
  await expect(site.connect('/elsewhere', null)).rejects.toMatchObject({ status: 404 })
})

test('without the claims header the object itself refuses', async () => {
  const client = await site.connect('/unclaimed/session-1', null)
  expect((await client.next('goodbye')).code).toBe(4401)
})

test('the quick start’s page runs as it is written: its insert reaches the object', async () => {
  const prelude = `const host = ${JSON.stringify(new URL(site.origin).host)}
const sessionId = 'session-5?user=alice', userId = 'alice', content = 'from the page'
interface Message { id: string; author: string; content: string; created_at: number }\n`
  // Only the certificate is missing.
  const runnable = `${page.replace('wss:', 'ws:')}\nexport { messages }\n`
  await writeFile(`${MADE}/page.ts`, prelude + runnable)
  const watcher = await site.connect('/sync/session-5?user=bob', null)
  await watcher.enter({ client: 'b' })
  const rows = new RowSet()
  rows.join(await watcher.join({ sub: 1, collection: 'messages' }))
  // Node 20 has no WebSocket of its own; and without a document the client takes itself for a server's, which never connects.
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  vi.stubGlobal('WebSocket', WebSocket)
  vi.stubGlobal('document', document)
  const { messages } = (await import(`${MADE}/page.ts`)) as {
    messages: { toArray: { content: string }[]; cleanup(): Promise<void> }
  }
  try {
    expect(messages.toArray).toMatchObject([{ author: 'alice', content: 'from the page' }])
    await eventually(
      async () => {
        if (rows.size === 0) rows.pass('messages', await watcher.pass())
        return rows.sorted()
      },
      (sorted) => sorted.length === 1,
      'the row of the page',
    )
    expect(rows.sorted()).toMatchObject([{ author: 'alice', content: 'from the page' }])
  } finally {
    await messages.cleanup()
    vi.unstubAllGlobals()
  }
})
