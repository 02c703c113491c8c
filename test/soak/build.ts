import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { clientConditions, workerConditions } from '../../vite.shared.ts'
import { patchedBundle, type SourcePatch } from './source-patch.ts'

export type ClientModule = typeof import('./client-module.ts')

/**
 * Frames, chunks and answers are a hundred times smaller than in production, so that the few rows of a test make passes of many frames,
 * joins of many requests, and resumes that are too much.
 */
const SMALL_FRAMES: readonly SourcePatch[] = [
  {
    file: 'core/src/wire/limits.ts',
    find: 'FRAME_TARGET_BYTES = 256 * KB',
    put: 'FRAME_TARGET_BYTES = 400',
  },
  { file: 'core/src/wire/limits.ts', find: 'JOIN_ANSWER_BYTES = 4 * MB', put: 'JOIN_ANSWER_BYTES = 6 * KB' },
  { file: 'server/src/joins.ts', find: 'most - answered > SPARE_BYTES', put: 'answered < 700' },
]

/** Bundles of the Worker and of the client, as files. */
export class Builds {
  readonly #directory: Promise<string> = mkdtemp(join(tmpdir(), 'durable-sync-soak-'))
  #count = 0

  async #write(text: string): Promise<string> {
    const path = join(await this.#directory, `bundle-${++this.#count}.mjs`)
    await writeFile(path, text)
    return path
  }

  /** The path of the Worker's module. */
  async worker(patches: readonly SourcePatch[] = []): Promise<string> {
    const entry = 'test/soak/audited-worker.ts'
    return this.#write(
      await patchedBundle({
        entry,
        patches: [...SMALL_FRAMES, ...patches],
        platform: 'browser',
        conditions: workerConditions,
      }),
    )
  }

  async client(patches: readonly SourcePatch[] = []): Promise<ClientModule> {
    const entry = 'test/soak/client-module.ts'
    const path = await this.#write(
      await patchedBundle({ entry, patches, platform: 'node', conditions: clientConditions }),
    )
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as ClientModule
  }

  async remove(): Promise<void> {
    await rm(await this.#directory, { recursive: true, force: true })
  }
}
