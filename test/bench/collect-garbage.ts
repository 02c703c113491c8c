import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Also where node was started without `--expose-gc`, as by a test runner. */
function exposed(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

const collect = globalThis.gc ?? exposed()

/** What the process's heap holds after a collection, in bytes. */
export function heapAfterCollection(): number {
  // What only a finalizer lets go is let go by the second.
  for (let i = 0; i < 2; i++) collect()
  return process.memoryUsage().heapUsed
}
