import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run, for the pages of the playground that were built. */
    builtPages: string
  }
}

/** Before the first file of tests; what is returned, after the last. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'playground-built-'))
  project.provide('builtPages', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
