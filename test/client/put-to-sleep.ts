import { ControlError, type World } from '../support/world.ts'

/** Takes the room's object out of memory, as hibernation does, unless it is not there already. */
export async function putToSleep(world: World, room: string): Promise<void> {
  try {
    await world.evict(room)
  } catch (error) {
    const asleep = error instanceof ControlError && error.message.includes('not currently running')
    if (!asleep) throw error
  }
}
