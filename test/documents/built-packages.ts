import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { root } from './code-blocks.ts'

export const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** The declarations of all packages, which is what apps see of them, and quicker to read than their sources. */
export async function buildPackages(): Promise<void> {
  await promisify(execFile)(process.execPath, [TSC, '-b'], { cwd: root })
}
