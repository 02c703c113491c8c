import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { deadline } from '../support/deadline.ts'
import { workerdBinary } from '../support/workerd-binary.ts'

export interface StoredMessage {
  readonly id: string
  readonly author: string
  readonly content: string
  readonly created_at: number
}

export interface StoredRoom {
  /** `ok` when SQLite finds nothing wrong with the file. */
  readonly integrity: string
  readonly messages: readonly StoredMessage[]
}

const WORKER = new URL('stored-messages-worker.mjs', import.meta.url)
const PATIENCE_MS = 30_000

/** Class and key are the playground's, so that the name of a room leads to the same file. */
const configOf = (script: string): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "reader", worker = (
      modules = [(name = "reader.mjs", esModule = ${JSON.stringify(script)})],
      compatibilityDate = "2026-04-01",
      durableObjectNamespaces = [(className = "ChatRoom", uniqueKey = "chat-room", enableSql = true)],
      durableObjectStorage = (localDisk = "objects"),
      bindings = [(name = "ROOMS", durableObjectNamespace = "ChatRoom")]
    )),
    (name = "objects", disk = (path = "objects", writable = true))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "reader")]
);
`

/**
 * What is in the SQLite file of a room, in the order of its primary key. The server must be dead. It reads a copy, with a Worker of its
 * own, because Node 20 has no SQLite and the room's own code is what is being tested.
 */
export async function storedMessages(data: string, room: string): Promise<StoredRoom> {
  const folder = await mkdtemp(join(tmpdir(), 'stored-'))
  let reader: ChildProcess | undefined
  try {
    await cp(join(data, 'objects'), join(folder, 'objects'), { recursive: true })
    await writeFile(join(folder, 'config.capnp'), configOf(await readFile(WORKER, 'utf8')))
    reader = spawn(workerdBinary(), ['serve', 'config.capnp', '--control-fd=3'], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    })
    const port = await deadline(portOf(reader), PATIENCE_MS, 'the reader to listen')
    const answer = await fetch(`http://127.0.0.1:${port}/${room}`)
    if (!answer.ok) throw new Error(`the room could not be read: ${await answer.text()}`)
    return (await answer.json()) as StoredRoom
  } finally {
    if (reader && reader.exitCode === null) {
      const gone = once(reader, 'exit')
      reader.kill('SIGKILL')
      await gone
    }
    await rm(folder, { recursive: true, force: true })
  }
}

async function portOf(reader: ChildProcess): Promise<number> {
  for await (const line of createInterface(reader.stdio[3] as Readable)) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number }
    if (event === 'listen' && port !== undefined) return port
  }
  throw new Error('the reader ended before it listened')
}
