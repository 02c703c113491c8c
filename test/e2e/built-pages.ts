import { existsSync } from 'node:fs'
import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'

/** What the start command builds, and by which it knows what it was built of: it builds again if that has changed. */
const BUILT = ['page', 'worker.js', 'built-of']

const keptFor = (react: string) => join(inject('builtPages'), react)

/** All files of tests share what one of them has built: four compilers in each would take longer than most tests. */
export async function takeBuilt(react: string, data: string): Promise<void> {
  const kept = keptFor(react)
  if (existsSync(kept)) await copy(kept, data)
}

export async function keepBuilt(react: string, data: string): Promise<void> {
  const kept = keptFor(react)
  if (existsSync(kept)) return
  const making = await mkdtemp(`${kept}-`)
  await copy(data, making)
  // Files of tests run beside each other: another may have kept the same meanwhile.
  await rename(making, kept).catch(() => rm(making, { recursive: true, force: true }))
}

async function copy(from: string, to: string): Promise<void> {
  for (const name of BUILT) await cp(join(from, name), join(to, name), { recursive: true })
}
