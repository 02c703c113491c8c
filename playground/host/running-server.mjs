import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const WAIT_MS = 5_000
const fileIn = (data) => join(data, 'server.json')

function recorded(data) {
  try {
    return JSON.parse(readFileSync(fileIn(data), 'utf8'))
  } catch {
    return undefined
  }
}

/** Whether the server of that record still holds its port: it answers with its own name, or it holds the port and says nothing. */
async function holdsItsPort({ port, instance }) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1_000) })
    return (await response.text()) === instance
  } catch (error) {
    return error.name === 'TimeoutError'
  }
}

/**
 * Waits until no other server uses this folder. Two workerds on one SQLite file do not see each other and would serve two histories.
 * The one that was killed a moment ago is gone as soon as its socket is; asking the port works where a process id could have been
 * given to somebody else.
 * @throws Error naming the address of a server that stays.
 */
export async function waitForFreeData(data) {
  const last = recorded(data)
  const until = Date.now() + WAIT_MS
  while (last && (await holdsItsPort(last))) {
    if (Date.now() > until)
      throw new Error(
        `The playground already runs at http://127.0.0.1:${last.port}/ (process ${last.pid}).\n` +
          'Stop it first, or give this one a folder of its own: npm start -- --data FOLDER',
      )
    await sleep(100)
  }
}

/** Records which server uses this folder. */
export const recordServer = (data, server) => writeFileSync(fileIn(data), JSON.stringify(server))
export const forgetServer = (data) => rmSync(fileIn(data), { force: true })
