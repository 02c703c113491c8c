import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

const packagesIn = (file) => {
  try {
    return JSON.parse(readFileSync(`${root}${file}`, 'utf8')).packages ?? {}
  } catch {
    return undefined
  }
}

/**
 * Whether `node_modules` is what the lockfile says. Versions are compared rather than times, because a checkout touches the lockfile
 * without changing it. Optional packages may be absent: they are other platforms' binaries.
 */
function installed() {
  const there = packagesIn('node_modules/.package-lock.json')
  if (!there) return false
  return Object.entries(packagesIn('package-lock.json') ?? {}).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true
    const found = there[path]
    if (!found) return wanted.optional === true
    return found.version === wanted.version && found.resolved === wanted.resolved
  })
}

/** Installs the packages from the lockfile where they are missing or differ. Ends the process when that fails. */
export function installPackages() {
  if (installed()) return
  console.log('Installing packages, this happens once …')
  // npm is a .cmd file on Windows, which only a shell can start.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) process.exit(npm.status ?? 1)
}
