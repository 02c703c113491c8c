import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pack, root, run, tsc } from './pack.ts'

const OURS = ['core', 'server', 'adapters/react']
/** What a user would install beside: taken from here, so that the test needs no network. */
const THEIRS = [
  'partysocket',
  'idb',
  '@tanstack/db',
  '@tanstack/react-db',
  'react',
  '@types/react',
  'ws',
  '@cloudflare/workers-types',
]

/** A project outside of this repository in which the packed packages are installed as a user would have them. */
export interface Consumer {
  readonly folder: string
  write(file: string, text: string): string
  copy(from: string, file: string): void
  /** Runs a file of it, or the compiler. @returns what it printed. @throws with what it printed. */
  node(...args: string[]): string
  typeCheck(config: object): string
  remove(): void
}

export function createConsumer(): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'))
  const packed = join(folder, 'packed')
  mkdirSync(packed)
  pack(OURS, packed)
  for (const name of ['core', 'server', 'react']) {
    const target = join(folder, 'node_modules/@durable-sync', name)
    mkdirSync(target, { recursive: true })
    const tarball = join(packed, `durable-sync-${name}-0.1.0.tgz`)
    run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], folder)
  }
  for (const name of THEIRS) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, file), text)
    return join(folder, file)
  }
  write('package.json', '{ "type": "module" }')
  return {
    folder,
    write,
    copy: (from, file) => cpSync(join(root, from), join(folder, file)),
    node: (...args) => run(process.execPath, args, folder),
    typeCheck: (config) => {
      write('tsconfig.json', JSON.stringify(config))
      try {
        return run(process.execPath, [tsc, '-p', '.'], folder)
      } catch (error) {
        return (error as { stdout: string }).stdout
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
