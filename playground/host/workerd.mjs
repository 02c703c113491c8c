import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import workerdPackage from 'workerd'
import { workerdConfig } from './workerd-config.mjs'

// A CommonJS package with a default export: the path of the program.
const workerd = workerdPackage.default

/**
 * Ends workerd when this process is gone, also when it was killed in a way that it cannot answer: the shell waits for the other end of
 * its input, which the system closes. It has a session of its own, so that a closing terminal does not end it before its work is done.
 */
function endWithThisProcess(pid) {
  if (process.platform === 'win32') return
  const watch = spawn('sh', ['-c', 'read _; kill -9 "$1"', 'sh', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watch.on('error', (error) => console.error(`workerd may outlive this process: ${error.message}`))
}

/** Resolves once workerd says on its control channel that it listens. */
async function listening(control) {
  let said = ''
  for await (const chunk of control) {
    said += chunk
    if (said.includes('"listen"')) return
  }
  throw new Error('workerd did not start; what it says about it stands above.')
}

/**
 * Starts workerd on what was built in `folder`. `exited` resolves with a few words once it has ended.
 * @throws Error when it ends before it listens.
 */
export async function startWorkerd({ folder, port, instance }) {
  mkdirSync(join(folder, 'objects'), { recursive: true })
  const config = join(folder, 'workerd.capnp')
  writeFileSync(config, workerdConfig({ port, instance }))
  const server = spawn(workerd, ['serve', config, '--experimental', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const exited = once(server, 'exit').then(
    ([code, signal]) => `workerd ended with ${signal ?? `code ${code}`}`,
  )
  await once(server, 'spawn')
  endWithThisProcess(server.pid)
  await listening(server.stdio[3])
  // SQLite writes ahead, so killing is as safe as stopping; stopping would wait for every open socket.
  return { exited, kill: () => server.kill('SIGKILL') }
}
