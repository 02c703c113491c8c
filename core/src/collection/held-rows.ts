import { type FoldedBlocks, type FoldedRow, foldBlocks } from '../stream/fold-blocks.ts'
import type { RowCommit, WindowMeasure } from '../stream/row-commit.ts'
import { isLong, targetSize } from '../stream/window-size.ts'
import type { Block, Predicate } from '../wire/index.ts'
import { HeldSubset } from './held-subset.ts'
import { KeyDigests } from './key-digests.ts'

/** What one frame means for one subset. */
export interface SubsetCommit {
  readonly subset: HeldSubset
  readonly commit: RowCommit
}

/** What a frame has done to one subset. */
interface Placing {
  /** Rows that it holds, as they are now. */
  readonly placed: ReadonlyMap<string, FoldedRow>
  readonly measure: WindowMeasure | null
}

/** What becomes visible in a collection at once. */
export interface RowChanges {
  /** Rows that some subset holds. */
  readonly up: ReadonlyMap<string, FoldedRow>
  /** Keys that were held and that no subset holds any more. */
  readonly del: readonly string[]
  /** The row as the frame has it, whether some subset holds it or not. */
  readonly told: (key: string) => FoldedRow | undefined
  /** Of the windows among the commits, in their order. */
  readonly measures: readonly (WindowMeasure | null)[]
}

/**
 * Which subset of a collection holds which keys. Law: a row is shown while some subset holds it. The rows themselves are in the
 * collection and nowhere else.
 */
export class HeldRows {
  readonly #subsets = new Set<HeldSubset>()
  readonly #digests = new KeyDigests()
  #received = 0

  get subsets(): number {
    return this.#subsets.size
  }

  /** Rows that have arrived, each time that they did. */
  get received(): number {
    return this.#received
  }

  /** Rows that are shown. */
  get size(): number {
    const [first] = this.#subsets
    return this.#subsets.size > 1 ? new Set(this.#keys()).size : (first?.size ?? 0)
  }

  /** Whether some subset holds the row. */
  holds(key: string): boolean {
    return this.#isHeld(key)
  }

  add(...spec: ConstructorParameters<typeof HeldSubset>): HeldSubset {
    const subset = new HeldSubset(...spec)
    this.#subsets.add(subset)
    return subset
  }

  /** The filters of which every row is held; undefined for all rows. Beyond the end of a window nobody can say. */
  get wholes(): readonly (Predicate | undefined)[] {
    return [...this.#subsets].flatMap(({ isWhole, where }) => (isWhole ? [where] : []))
  }

  /** Takes the subsets out. Returns the keys that nobody holds any more. */
  release(subsets: readonly HeldSubset[]): readonly string[] {
    for (const subset of subsets) this.#subsets.delete(subset)
    const left = new Set(subsets.flatMap((subset) => [...subset.keys()]))
    return this.#unheld(left)
  }

  /** Places the rows of one frame in every subset that it speaks of. */
  apply(parts: readonly SubsetCommit[]): RowChanges {
    const folds = new Map<readonly Block[], FoldedBlocks>()
    const left = new Set<string>()
    const placings = parts.map(({ subset, commit }) => {
      const { blocks } = commit
      const fold = folds.get(blocks) ?? this.#fold(commit)
      folds.set(blocks, fold)
      return this.#place(subset, commit, fold, left)
    })
    const measures = placings.map(({ measure }) => measure)
    const up = merged(placings.map(({ placed }) => placed))
    const del = this.#unheld(left)
    // Only a window that is cut lets go of what has just been placed in it.
    const isCut = measures.some((measure) => measure?.cut)
    const told = (key: string) => firstOf([...folds.values()], key)
    return { up: isCut ? new Map([...up].filter(([key]) => this.#isHeld(key))) : up, del, told, measures }
  }

  #fold({ blocks, key, at, from }: RowCommit): FoldedBlocks {
    if (from !== 'device') for (const { up } of blocks) this.#received += up.length
    return foldBlocks(blocks, key, saltOf(at))
  }

  #place(
    subset: HeldSubset,
    { as, at, kinds, window }: RowCommit,
    { up, del, gone }: FoldedBlocks,
    left: Set<string>,
  ): Placing {
    subset.endAt(window?.boundary ?? null)
    const removed = as === 'merge' ? this.#removed(del, gone, at) : subset.restart()
    for (const key of removed) if (as === 'replace' || subset.drop(key)) left.add(key)
    if (subset.takesAll) {
      for (const key of up.keys()) if (subset.add(key)) this.#digests.add(key)
      return { placed: up, measure: null }
    }
    const placed = new Map<string, FoldedRow>()
    const came = new Set<string>()
    for (const [key, row] of up) {
      const became = subset.put(key, row.cols, row.cells, kinds)
      if (became === 'left') left.add(key)
      if (became === 'came') {
        this.#digests.add(key)
        came.add(key)
      }
      if (became === 'came' || became === 'stayed') placed.set(key, row)
    }
    if (!window) return { placed, measure: null }
    const cut = isLong(subset.size, window.limit) ? subset.cut(targetSize(window.limit)) : undefined
    // What came and was cut in one frame was never shown.
    for (const key of cut?.keys ?? []) if (!came.has(key)) left.add(key)
    return { placed, measure: { held: subset.size, cut: cut?.last ?? null } }
  }

  /** Keys that a frame removes, whether it names them or not. */
  #removed(del: ReadonlySet<string>, gone: ReadonlySet<number>, at: string): Iterable<string> {
    if (gone.size === 0) return del
    return [...del, ...this.#digests.resolve(saltOf(at), gone, () => this.#keys())]
  }

  #unheld(keys: ReadonlySet<string>): string[] {
    const unheld = [...keys].filter((key) => !this.#isHeld(key))
    for (const key of unheld) this.#digests.remove(key)
    return unheld
  }

  #isHeld(key: string): boolean {
    for (const subset of this.#subsets) if (subset.has(key)) return true
    return false
  }

  *#keys(): Generator<string> {
    for (const subset of this.#subsets) yield* subset.keys()
  }
}

/** All of them. A frame says every row once: where two have the same key, they have the same row. */
function merged(maps: readonly ReadonlyMap<string, FoldedRow>[]): ReadonlyMap<string, FoldedRow> {
  const [first] = maps
  return first && maps.length === 1 ? first : new Map(maps.flatMap((map) => [...map]))
}

function firstOf(folds: readonly FoldedBlocks[], key: string): FoldedRow | undefined {
  for (const { up } of folds) if (up.has(key)) return up.get(key)
  return undefined
}

/** The part of a position that says in which history of which object it is. */
const saltOf = (position: string): string => position.slice(position.indexOf('.'))
