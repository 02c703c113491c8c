import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** Runs a program to its end. @returns what it printed. @throws with what it printed. */
export const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Builds the workspace and packs these folders of it as they would be published. */
export function pack(folders: readonly string[], into: string): void {
  run(process.execPath, [tsc, '-b'], root)
  run('npm', ['pack', ...folders.flatMap((name) => ['--workspace', name]), '--pack-destination', into], root)
}
