import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Miniflare } from 'miniflare'
import { bundle } from './bundle.ts'
import { deadline } from './deadline.ts'
import { workerdBinary } from './workerd-binary.ts'

export interface WorkerOptions {
  /** The entry module of the Worker, as a path. */
  readonly script: string
  /** Binding name to exported class: Durable Objects with SQLite. */
  readonly objects: Readonly<Record<string, string>>
  /** A directory for the objects' databases. Absent: they are lost with the process. */
  readonly persist?: string
  /** Absent or 0: any free one. */
  readonly port?: number
  /** Default: the newest that this workerd accepts without warning. */
  readonly compatibilityDate?: string
  /** Text bindings. */
  readonly env?: Readonly<Record<string, string>>
  /** Opens the inspector of the Worker's isolate, on loopback. */
  readonly inspected?: boolean
}

export interface RunningWorker {
  readonly port: number
  readonly pid: number
  /** The address of the isolate's inspector, where it was asked for: all objects of all classes live in this one isolate. */
  readonly inspector: string | undefined
  /** Everything that the process has printed, line by line. */
  readonly output: readonly string[]
  /** Stops at once; sockets see 1006. What was committed stays in `persist`. */
  readonly stop: () => Promise<void>
  /** SIGKILL to the process, as a crash would, and only then the rest. Nothing that was in flight gets to finish. */
  readonly kill: () => Promise<void>
  /** Stops the process in its tracks with all its sockets open: silent, not gone. Not on Windows. */
  readonly freeze: () => void
  readonly thaw: () => void
}

/** The newest date that `workerd-newest` was released for. */
const COMPATIBILITY_DATE = '2026-10-23'
/** The database directories are named `<this>-<class>`. */
export const WORKER_NAME = 'fixture'
const START_MS = 15_000
const KEPT_LINES = 5000

interface Spawned {
  readonly process: ChildProcess
}

/** The processes of `workerd` are found where Node announces them: miniflare keeps its own private. */
function spawnWatch() {
  let last: ChildProcess | undefined
  const seen = (message: unknown) => {
    last = (message as Spawned).process
  }
  subscribe('child_process', seen)
  return { last: () => last, end: () => unsubscribe('child_process', seen) }
}

/**
 * The Worker in a real workerd, on loopback, with `workerd:unsafe` importable.
 * @throws Error with what workerd printed when it does not start.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const binary = workerdBinary()
  process.env.MINIFLARE_WORKERD_PATH = binary
  const output: string[] = []
  const keep = (line: string) => {
    output.push(line)
    if (output.length > KEPT_LINES) output.shift()
    if (process.env.SHOW_WORKERD) console.log(`workerd| ${line}`)
  }
  const script = await bundle(options.script)
  const watch = spawnWatch()
  let child: ChildProcess | undefined
  const miniflare = new Miniflare({
    name: WORKER_NAME,
    modules: true,
    script,
    compatibilityDate: options.compatibilityDate ?? COMPATIBILITY_DATE,
    compatibilityFlags: ['unsafe_module', 'experimental'],
    durableObjects: Object.fromEntries(
      Object.entries(options.objects).map(([binding, className]) => [
        binding,
        { className, useSQLite: true },
      ]),
    ),
    ...(options.env ? { bindings: { ...options.env } } : {}),
    ...(options.persist === undefined ? {} : { durableObjectsPersist: options.persist }),
    host: '127.0.0.1',
    port: options.port ?? 0,
    cf: false,
    ...(options.inspected ? { inspectorHost: '127.0.0.1', inspectorPort: 0 } : {}),
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      // Called in the same turn as the spawn, so the newest process is this worker's also when several start at once.
      child = watch.last()
      for (const stream of [stdout, stderr]) createInterface(stream).on('line', keep)
    },
  })
  try {
    const url = await deadline(miniflare.ready, START_MS, 'workerd to be ready')
    if (child?.pid === undefined) throw new Error('miniflare started no process')
    const inspector = options.inspected ? await inspectorOf(miniflare) : undefined
    return running(miniflare, child, { port: Number(url.port), output, inspector })
  } catch (cause) {
    await miniflare.dispose().catch(() => undefined)
    throw new Error(`workerd did not start:\n${output.join('\n')}`, { cause })
  } finally {
    watch.end()
  }
}

const inspectorOf = async (miniflare: Miniflare): Promise<string> =>
  new URL(`/core:user:${WORKER_NAME}`, await miniflare.getInspectorURL()).href

type Started = Pick<RunningWorker, 'port' | 'output' | 'inspector'>

function running(miniflare: Miniflare, child: ChildProcess, started: Started): RunningWorker {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= (async () => {
      // A frozen process still dies of SIGKILL, which is what `dispose` sends.
      await miniflare.dispose()
      await gone
    })()
    return stopped
  }
  return {
    ...started,
    pid: child.pid as number,
    stop,
    kill: () => {
      child.kill('SIGKILL')
      return gone.then(stop)
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}
