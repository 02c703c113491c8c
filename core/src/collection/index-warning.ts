import { isDevelopment } from '../development.ts'

declare const process: { readonly env: { readonly NODE_ENV?: string } }

interface Indexed {
  readonly indexes?: ReadonlyMap<unknown, { readonly expression?: { readonly path?: readonly unknown[] } }>
  readonly config?: { readonly autoIndex?: unknown }
}

/**
 * Says once for each column that windows over it want an index: without one, TanStack DB sorts everything that is held on every change, and
 * when a window runs short it asks for every row of the filter. In development only.
 */
export function indexWarning(collection: object, table: string): (column: string) => void {
  const told = new Set<string>()
  return (column) => {
    if (!isDevelopment() || process.env.NODE_ENV === 'production') return
    const { indexes, config } = collection as Indexed
    if (told.has(column) || config?.autoIndex === 'eager') return
    for (const { expression } of indexes?.values() ?? []) if (expression?.path?.[0] === column) return
    told.add(column)
    console.warn(
      `durable-sync: a live query orders the on-demand collection of "${table}" by "${column}" with a limit, and there is no index. ` +
        `Add to createCollection: autoIndex: 'eager', defaultIndexType: BasicIndex (exported by @tanstack/db).`,
    )
  }
}
