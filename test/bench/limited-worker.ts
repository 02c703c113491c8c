import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { bundle } from '../support/bundle.ts'
import { deadline } from '../support/deadline.ts'
import type { RunningWorker } from '../support/workerd.ts'
import { workerdBinary } from '../support/workerd-binary.ts'

export interface LimitedWorkerOptions {
  /** The entry module of the Worker, as a path. */
  readonly script: string
  /** Binding name to exported class: Durable Objects with SQLite. */
  readonly objects: Readonly<Record<string, string>>
  /** A directory for the Worker and its databases. */
  readonly folder: string
  /** The most that the heap of an isolate may have, in MiB. V8 ends the process of one that needs more. */
  readonly heapMiB: number
}

const COMPATIBILITY_DATE = '2026-10-23'
const START_MS = 15_000

/**
 * The Worker in a workerd of its own, without miniflare and its Worker in front, whose heap is limited as Cloudflare limits it: a heap without a
 * limit is collected when V8 likes to, and what it holds is garbage for the most part.
 */
export async function startLimitedWorker({
  script,
  objects,
  folder,
  heapMiB,
}: LimitedWorkerOptions): Promise<Omit<RunningWorker, 'kill' | 'freeze' | 'thaw'>> {
  await mkdir(join(folder, 'objects'), { recursive: true })
  await writeFile(join(folder, 'worker.js'), await bundle(script))
  await writeFile(join(folder, 'config.capnp'), configOf(objects, heapMiB))
  const child = spawn(
    workerdBinary(),
    ['serve', '--inspector-addr=127.0.0.1:0', '--control-fd=3', join(folder, 'config.capnp')],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  )
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream as Readable).on('line', (line) => output.push(line))
  const gone = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await gone
  }
  try {
    const { http, inspector } = await deadline(
      portsOf(child.stdio[3] as Readable),
      START_MS,
      'workerd to listen',
    )
    if (child.pid === undefined) throw new Error('no process was started')
    return { port: http, pid: child.pid, inspector: `ws://127.0.0.1:${inspector}/bench`, output, stop }
  } catch (cause) {
    await stop()
    throw new Error(`workerd did not start:\n${output.join('\n')}`, { cause })
  }
}

/** What workerd says on its control channel: a line of JSON for each port. */
async function portsOf(control: Readable): Promise<{ http: number; inspector: number }> {
  let http: number | undefined
  let inspector: number | undefined
  for await (const line of createInterface(control)) {
    const said = JSON.parse(line) as { event: string; port: number }
    if (said.event === 'listen') http = said.port
    if (said.event === 'listen-inspector') inspector = said.port
    if (http !== undefined && inspector !== undefined) return { http, inspector }
  }
  throw new Error('workerd has ended')
}

const configOf = (objects: Readonly<Record<string, string>>, heapMiB: number): string => {
  const classes = [...new Set(Object.values(objects))]
  const namespaces = classes.map((name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`)
  const bindings = Object.entries(objects).map(
    ([binding, name]) => `(name = "${binding}", durableObjectNamespace = "${name}")`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ["--max-heap-size=${heapMiB}"],
  services = [
    (name = "bench", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      durableObjectNamespaces = [${namespaces.join(', ')}],
      bindings = [${bindings.join(', ')}],
      durableObjectStorage = (localDisk = "objects"),
    )),
    (name = "objects", disk = (path = "objects", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);
`
}
