import { GENERATION_ROW } from './changing-tables.ts'
import type { LiveClient } from './live-client.ts'

interface Watched {
  has(key: string): boolean
  subscribeChanges(listener: () => void): unknown
}

/** Watches rows that are never deleted. Returns the tables of those that were shown once and then not. */
export function watchForFlashes({ messages, notes, todos }: LiveClient): string[] {
  const flashes: string[] = []
  const watched: Readonly<Record<string, Watched>> = { messages, notes, todos }
  for (const [name, collection] of Object.entries(watched)) {
    let shown = collection.has(GENERATION_ROW)
    collection.subscribeChanges(() => {
      const shows = collection.has(GENERATION_ROW)
      if (shown && !shows) flashes.push(name)
      shown = shows
    })
  }
  return flashes
}
