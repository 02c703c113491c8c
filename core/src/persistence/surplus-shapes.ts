import type { ShapeThreads } from './shape-thread.ts'

/** Shapes that are kept of one table: on demand, and as many that are not. */
export const SHAPES_PER_TABLE = 64

/** The shapes that are too many, least recently used first. One that is held stays, also when all are. */
export function surplus(threads: ShapeThreads, held: ReadonlySet<string>): string[] {
  const tables = new Map<string, { readonly key: string; readonly usedAt: number }[]>()
  for (const [key, { table, onDemand, usedAt }] of threads) {
    const name = `${onDemand} ${table}`
    const shapes = tables.get(name) ?? []
    shapes.push({ key, usedAt })
    tables.set(name, shapes)
  }
  return [...tables.values()].flatMap((shapes) =>
    shapes
      .filter(({ key }) => !held.has(key))
      .sort((a, b) => a.usedAt - b.usedAt)
      .slice(0, Math.max(0, shapes.length - SHAPES_PER_TABLE))
      .map(({ key }) => key),
  )
}
