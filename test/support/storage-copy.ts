import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from './deadline.ts'
import { WORKER_NAME } from './workerd.ts'

/** The database of one object at one moment, as files of their own. It can be put back under any object. */
export interface StorageCopy {
  readonly directory: string
  /** What follows the object's id in the files' names. Empty when the object had no database yet. */
  readonly suffixes: readonly string[]
}

const folder = (persist: string, className: string) => join(persist, `${WORKER_NAME}-${className}`)

/** The database, its write-ahead log, and neither of the others: SQLite makes `-shm` anew. */
const SUFFIXES = ['.sqlite', '.sqlite-wal']

const signature = async (paths: readonly string[]): Promise<string> =>
  JSON.stringify(
    await Promise.all(
      paths.map((path) =>
        stat(path).then(
          ({ size, mtimeMs }) => [size, mtimeMs],
          () => null,
        ),
      ),
    ),
  )

/**
 * Copies an object's database into `directory`. The process that owns it must be stopped or frozen. Every file is as it was at one
 * moment, so the copy is what a crash at that moment would have left: committed writes are in it, others are not.
 */
export async function copyStorage(
  persist: string,
  className: string,
  id: string,
  directory: string,
): Promise<StorageCopy> {
  await mkdir(directory, { recursive: true })
  const paths = SUFFIXES.map((suffix) => join(folder(persist, className), `${id}${suffix}`))
  for (;;) {
    const before = await signature(paths)
    const suffixes: string[] = []
    for (const [i, path] of paths.entries()) {
      const suffix = SUFFIXES[i] as string
      const copied = await copyFile(path, join(directory, `object${suffix}`)).then(
        () => true,
        () => false,
      )
      if (copied) suffixes.push(suffix)
    }
    // A thread that was inside a write when the process was frozen finishes that write first.
    if (before === (await signature(paths))) return { directory, suffixes }
    await pause(20)
  }
}

/** Puts `copy` in the place of an object's database, or nothing where `copy` is null. The process must be stopped. */
export async function replaceStorage(
  persist: string,
  className: string,
  id: string,
  copy: StorageCopy | null,
): Promise<void> {
  const target = folder(persist, className)
  await mkdir(target, { recursive: true })
  for (const name of await readdir(target)) if (name.startsWith(`${id}.sqlite`)) await rm(join(target, name))
  for (const suffix of copy?.suffixes ?? [])
    await copyFile(join(copy?.directory ?? '', `object${suffix}`), join(target, `${id}${suffix}`))
}
