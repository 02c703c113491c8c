import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { buildIfChanged } from './build-if-changed.mjs'
import { freePort } from './free-port.mjs'
import { whenNpmIsGone } from './npm-gone.mjs'
import { readOptions } from './options.mjs'
import { forgetServer, recordServer, waitForFreeData } from './running-server.mjs'
import { startWorkerd } from './workerd.mjs'

const bold = (text) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m` : text)

async function start({ port: wanted, data }) {
  mkdirSync(data, { recursive: true })
  await waitForFreeData(data)
  await buildIfChanged(data)
  const port = await freePort(wanted)
  if (wanted !== 0 && port !== wanted) console.log(`Port ${wanted} is taken, using ${port}.`)
  const instance = randomUUID()
  recordServer(data, { pid: process.pid, port, instance })
  return { port, ...(await startWorkerd({ folder: data, port, instance })) }
}

/** Serves the playground until a signal says stop, npm is gone, or workerd ends. */
export async function serve(args) {
  const options = readOptions(args)
  // Until workerd runs there is nothing to stop but this process.
  let stop = () => process.exit(0)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop())
  whenNpmIsGone(() => stop())

  const server = await start(options).catch((error) => {
    console.error(error.message)
    process.exit(1)
  })
  let exitCode = 1
  stop = () => {
    exitCode = 0
    server.kill()
  }
  console.log(`\nPlayground: ${bold(`http://127.0.0.1:${server.port}/`)}`)
  console.log(
    'Four frameworks on one Durable Object: break one of them. Ctrl-C stops the server; the rooms stay on disk.',
  )

  const ending = await server.exited
  forgetServer(options.data)
  if (exitCode !== 0) console.error(`${ending}. Start again with npm start.`)
  process.exit(exitCode)
}
