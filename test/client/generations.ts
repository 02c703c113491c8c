import { GENERATION_ROW } from './changing-tables.ts'
import type { LiveClient } from './live-client.ts'

/**
 * Watches the three changing tables for a moment in which they are of different changes: every change was one transaction, and what one
 * frame or pass brings becomes visible in one turn. Returns what it saw.
 */
export function watchGenerations({ messages, notes, todos }: LiveClient): string[] {
  const mixes: string[] = []
  const look = () => {
    const seen = [
      messages.get(GENERATION_ROW)?.content,
      notes.get(GENERATION_ROW)?.title,
      todos.get(GENERATION_ROW)?.title,
    ]
    if (new Set(seen).size > 1) mixes.push(seen.join(' '))
  }
  // After the turn: within it, the collections are committed one after another.
  const watch = () => queueMicrotask(look)
  messages.subscribeChanges(watch)
  notes.subscribeChanges(watch)
  todos.subscribeChanges(watch)
  return mixes
}
