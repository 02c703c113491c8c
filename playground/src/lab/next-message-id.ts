import { pane } from './pane.ts'

/**
 * `<writer>.<number>`, with numbers that go up by one for each message of a person in a room. The room counts which ones arrive, so that it
 * can tell when one is missing or came twice. An application takes a ULID.
 */
export const nextMessageId = (): string => messageIds(pane.user.id, pane.room)()

/** The numbers go on after a reload. */
export function messageIds(user: string, room: string): () => string {
  const key = `durable-sync-lab:written:${room}:${user}`
  return () => {
    const number = Number(localStorage.getItem(key) ?? 0) + 1
    localStorage.setItem(key, String(number))
    return `${user}.${number}`
  }
}
