import { fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { workerConditions } from '../../vite.shared.ts'
import { deadline } from '../support/deadline.ts'
import type { FrameProxy } from '../support/frame-proxy.ts'
import type { TcpProxy } from '../support/proxy.ts'
import { createWorld, type World } from '../support/world.ts'
import type { ClosingOrder, ClosingReport } from './closing-process.ts'
import { until } from './convergence.ts'

const SOURCE = fileURLToPath(new URL('./closing-process.ts', import.meta.url))

let world: World
let directory: string
let program: string
beforeAll(async () => {
  world = await createWorld()
  directory = await mkdtemp(join(tmpdir(), 'durable-sync-'))
  program = join(directory, 'closing.cjs')
  const made = await build({
    entryPoints: [SOURCE],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    conditions: [workerConditions[0] as string],
  })
  await writeFile(program, made.outputFiles[0]?.contents ?? '')
})
afterAll(async () => {
  await world.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Runs the program until it has said `sign`, has it close its client, and waits for it to end by itself. */
async function closeWhen(
  order: ClosingOrder,
  reached: (said: readonly string[]) => boolean,
): Promise<ClosingReport> {
  const child = fork(program, [JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const said: string[] = []
  let output = ''
  let errors = ''
  child.stdout?.on('data', (bytes) => {
    output += bytes
  })
  child.stderr?.on('data', (bytes) => {
    errors += bytes
  })
  child.on('message', (message) => said.push(String(message)))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  try {
    await until(() => expect(reached(said)).toBe(true))
    child.send('close')
    const code = await deadline(
      exited,
      5000,
      'the process to end by itself',
      () => `${said.join(', ')} ${errors}`,
    )
    // An unhandled rejection ends a Node process with 1. That the application must act is said in one line.
    const unexpected = errors.replaceAll(/^durable-sync: .*\n/gm, '')
    expect({ code, unexpected }).toEqual({ code: 0, unexpected: '' })
    return JSON.parse(output) as ClosingReport
  } finally {
    child.kill('SIGKILL')
  }
}

interface Phase {
  readonly order: Omit<ClosingOrder, 'url'>
  /** Prepares the proxies so that the program gets no further than meant. */
  readonly prepare?: (frames: FrameProxy, tcp: TcpProxy) => void
  /** Default: through the proxy that sees frames. */
  readonly through?: 'tcp'
  readonly reached: (said: readonly string[], frames: FrameProxy, tcp: TcpProxy) => boolean
  readonly codes?: readonly string[]
}

const rows = { use: 'rows', address: 'known' } as const

const phases: Readonly<Record<string, Phase>> = {
  'it was never used': { order: { use: 'nothing', address: 'known' }, reached: () => true },
  'it waits for its address': {
    order: { use: 'a write', address: 'never' },
    reached: (said) => said.includes('connecting'),
    codes: ['client-closed-unsent', 'client-closed-unsent'],
  },
  'it dials and nobody answers': {
    order: rows,
    through: 'tcp',
    prepare: (_, tcp) => tcp.hang(),
    reached: (_said, _frames, tcp) => tcp.connections() > 0,
  },
  'it waits for its next attempt': {
    order: rows,
    through: 'tcp',
    prepare: (_, tcp) => tcp.down(),
    reached: (said) => said.filter((state) => state === 'connecting').length > 1,
  },
  'it said hello and was not welcomed': {
    order: rows,
    prepare: (frames) => {
      frames.rule = ({ frame }) => (frame?.type === 'hello' ? 'drop' : 'pass')
    },
    reached: (_, frames) => frames.links[0]?.clientFrames('hello').length === 1,
  },
  'it was welcomed and does not know yet what it missed': {
    order: { use: 'a write', address: 'known' },
    prepare: (frames) => {
      frames.rule = ({ frame }) => (frame?.type === 'changes' ? 'drop' : 'pass')
    },
    reached: (said) => said.includes('connected'),
    codes: ['client-closed-unsent', 'client-closed-unsent'],
  },
  'its rows are on the way': {
    order: rows,
    prepare: (frames) => {
      frames.rule = ({ frame }) => (frame?.type === 'joined' ? 'drop' : 'pass')
    },
    reached: (_, frames) => frames.links[0]?.serverFrames('joined').length === 1,
  },
  'it is connected and idle': { order: rows, reached: (said) => said.includes('rows live') },
  'a write is on the way': {
    order: { use: 'a write', address: 'known' },
    prepare: (frames) => {
      frames.rule = ({ frame }) => (frame?.type === 'push' ? 'drop' : 'pass')
    },
    reached: (said, frames) =>
      said.includes('rows live') && frames.links[0]?.clientFrames('push').length === 1,
    codes: ['client-closed', 'client-closed'],
  },
  'nobody uses it any more and its socket lingers': {
    order: { use: 'rows for a moment', address: 'known' },
    reached: (said) => said.includes('rows idle'),
  },
  'its network swallows everything': {
    order: rows,
    through: 'tcp',
    reached: (said, _, tcp) => {
      const live = said.includes('rows live')
      if (live) tcp.hang()
      return live
    },
  },
  'it was told to stop': {
    order: rows,
    prepare: (frames) => {
      frames.rule = ({ frame }, link) => {
        if (frame?.type === 'joined') queueMicrotask(() => link.close(4403, 'not you'))
        return 'pass'
      }
    },
    reached: (said) => said.includes('needs-auth'),
  },
}

test.each(Object.entries(phases))(
  'a process whose client is closed when %s ends by itself, with every promise settled and no late call [G4]',
  async (name, phase) => {
    const frames = await world.frameProxy()
    const tcp = await world.proxy()
    phase.prepare?.(frames, tcp)
    const room = `closing-${Object.keys(phases).indexOf(name)}`
    const url = world.url(room, { userId: 'alice' }, phase.through === 'tcp' ? tcp.port : frames.port)
    const report = await closeWhen(
      { ...phase.order, url },
      (said) => said.includes('started') && phase.reached(said, frames, tcp),
    )
    tcp.mend()
    expect(report).toEqual({ codes: phase.codes ?? [], late: 0 })
    await until(async () => expect((await world.stats(room)).sockets).toBe(0))
  },
)
