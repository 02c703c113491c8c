import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The workerd to test with. Miniflare's own is too old to evict an object on demand, and the first miniflare with a newer one wants a
 * newer Node, so the workspace installs that workerd beside it under the name `workerd-newest`.
 */
const ALIAS = 'workerd-newest'

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: '64', arm64: 'arm64' }
const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }

/**
 * The path of the workerd executable.
 * @throws Error when none is installed for this platform.
 */
export function workerdBinary(platform = process.platform, arch: string = process.arch): string {
  const given = process.env.MINIFLARE_WORKERD_PATH
  if (given !== undefined) return given
  const suffix = `${PLATFORMS[platform] ?? platform}-${ARCHITECTURES[arch] ?? arch}`
  const executable = platform === 'win32' ? 'workerd.exe' : 'workerd'
  const alias = createRequire(import.meta.url).resolve(`${ALIAS}/package.json`)
  // npm nests the binary's package under the alias, because miniflare's older one holds the top place; but it need not.
  for (const from of createRequire(alias).resolve.paths(`@cloudflare/workerd-${suffix}`) ?? [
    dirname(alias),
  ]) {
    const path = join(from, '@cloudflare', `workerd-${suffix}`, 'bin', executable)
    if (existsSync(path)) return path
  }
  throw new Error(`${ALIAS} has no binary for ${suffix}: run npm ci with optional dependencies`)
}
