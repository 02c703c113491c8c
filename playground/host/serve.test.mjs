import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'

const START = fileURLToPath(new URL('../start.mjs', import.meta.url))
const READY = /Playground: (http:\/\/127\.0\.0\.1:(\d+)\/)/

/** Four compilers take their time on a busy machine. */
const START_MS = 180_000

let data
const started = []
/** What the first test has built: the others need not build it again. */
const built = join(tmpdir(), `playground-built-${process.pid}`)

function copyBuilt(from, to) {
  mkdirSync(to, { recursive: true })
  for (const name of ['page', 'worker.js', 'built-of'])
    cpSync(join(from, name), join(to, name), { recursive: true })
}

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'playground-'))
  if (existsSync(built)) copyBuilt(built, data)
})
afterAll(() => rmSync(built, { recursive: true, force: true }))
afterEach(async () => {
  for (const one of started.splice(0)) await one.end('SIGKILL')
  if (!existsSync(built) && existsSync(join(data, 'built-of'))) copyBuilt(data, built)
  rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

/** Runs the start command until it is ready, or has ended. */
async function start({ port = 0, under = [], react = process.env.NODE_ENV } = {}) {
  const [program, ...args] = [...under, process.execPath, START, '--port', String(port), '--data', data]
  const env = { ...process.env, NODE_ENV: react, npm_lifecycle_event: under.length > 0 ? 'start' : '' }
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const exited = once(child, 'exit')
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  await expect.poll(() => READY.test(said) || child.exitCode !== null, { timeout: START_MS }).toBe(true)
  const [, url, at] = READY.exec(said) ?? []
  const end = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    const [code] = await exited
    return code
  }
  const one = { url, port: Number(at), end, exited, said: () => said }
  started.push(one)
  return one
}

const answers = (url) =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.status,
    () => 'nobody',
  )

test('the page is served, and a signal ends the server and workerd with it', {
  timeout: 3 * START_MS,
}, async () => {
  const server = await start()
  const page = await fetch(server.url)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const html = await page.text()
  for (const [, file] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g))
    expect(await answers(new URL(file, server.url)), file).toBe(200)
  expect(await answers(`${server.url}nothing.js`)).toBe(404)

  expect(await server.end('SIGTERM')).toBe(0)
  expect(await answers(server.url)).toBe('nobody')
})

test('pages are built again only when what they are made of has changed', {
  timeout: 3 * START_MS,
}, async () => {
  const builtAt = () => statSync(join(data, 'worker.js')).mtimeMs
  await (await start()).end('SIGKILL')
  const before = builtAt()
  await (await start()).end('SIGKILL')
  expect(builtAt()).toBe(before)
  await (await start({ react: 'development' })).end('SIGKILL')
  expect(builtAt()).toBeGreaterThan(before)
})

test('after a kill the same rooms are served again, at the same address', {
  timeout: 3 * START_MS,
}, async () => {
  const killed = await start()
  await killed.end('SIGKILL')
  const again = await start({ port: killed.port })
  expect(again.url).toBe(killed.url)
  expect(await answers(again.url)).toBe(200)
})

test('a second server on the same rooms is refused and told where the first is', {
  timeout: 3 * START_MS,
}, async () => {
  const first = await start()
  const second = await start()
  expect(await second.end()).toBe(1)
  // What it said may still be on its way when it has ended.
  await expect.poll(second.said).toContain(first.url)
  expect(await answers(first.url)).toBe(200)
})

test('a taken port is passed over, and that is said', { timeout: 3 * START_MS }, async () => {
  const stranger = createServer().listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const taken = stranger.address().port
  const server = await start({ port: taken })
  expect(server.port).toBeGreaterThan(taken)
  expect(server.said()).toContain(`Port ${taken} is taken, using ${server.port}.`)
  await new Promise((closed) => stranger.close(closed))
})

test.skipIf(process.platform === 'win32')(
  'a server whose npm was killed does not stay',
  { timeout: 3 * START_MS },
  async () => {
    // As npm runs a script: a shell that waits for the command.
    const server = await start({ under: ['sh', '-c', '"$@"; true', 'sh'] })
    await server.end('SIGKILL')
    await expect.poll(() => answers(server.url), { timeout: 5_000 }).toBe('nobody')
  },
)
