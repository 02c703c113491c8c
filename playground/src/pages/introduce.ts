import type { Person } from '../../worker/chat/registry.ts'

/** The people of a room, as far as one introduces oneself. */
export interface People {
  preload(): Promise<unknown>
  has(id: string): boolean
  insert(person: Person): unknown
}

/** Gives me a name in this room, unless it knows me. */
export async function introduce(people: People, { id, name }: Person): Promise<void> {
  try {
    await people.preload()
  } catch {
    // The room was left before it had answered, or it refuses; the page says why.
    return
  }
  if (!people.has(id)) people.insert({ id, name })
}
