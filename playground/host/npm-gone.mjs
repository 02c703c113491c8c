import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const LOOK_EVERY_MS = 250

/** The name of a process and its parent; undefined where the system does not tell. */
function processOf(pid) {
  try {
    const [, name, parent] = /\((.*)\) \w (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return { name, parent: Number(parent) }
  } catch {
    const ps = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' })
    const found = /^\s*(\d+)\s+(?:.*\/)?(\S+)\s*$/.exec(ps.stdout ?? '')
    return found ? { name: found[2], parent: Number(found[1]) } : undefined
  }
}

function isGone(pid) {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/**
 * Calls `stop` when the npm that started this process is gone. npm passes a signal on to its shell, and some shells end without
 * passing it on; a killed npm tells nobody.
 */
export function whenNpmIsGone(stop) {
  if (process.platform === 'win32' || !process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const shell = processOf(parent)
  const npm = shell && /^(ba|da|z|k|a)?sh$/.test(shell.name) ? shell.parent : parent
  const timer = setInterval(() => {
    if (process.ppid === parent && !isGone(npm)) return
    clearInterval(timer)
    stop()
  }, LOOK_EVERY_MS)
  timer.unref()
}
