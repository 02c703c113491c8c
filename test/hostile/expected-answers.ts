import { type ClientFrame, decodeClientFrame, PING, type ServerFrame } from '@durable-sync/core/wire'
import type { Mutant } from './mutator.ts'

const known = new WeakMap<Mutant, ClientFrame | null>()

/** What a mutant says, null when it is no frame. */
export function understood(made: Mutant): ClientFrame | null {
  const found = known.get(made)
  if (found !== undefined) return found
  const frame = decoded(made)
  known.set(made, frame)
  return frame
}

function decoded(made: Mutant): ClientFrame | null {
  try {
    return 'text' in made ? decodeClientFrame(made.text) : null
  } catch {
    return null
  }
}

/**
 * What must be among the frames that come after `made` and before whatever was asked next is answered. Null where nothing need be, or
 * not at once: receipts come when the turn ends, credentials take their time, and some frames only tell.
 */
export function answerTo(made: Mutant): ((answer: ServerFrame) => boolean) | null {
  const frame = understood(made)
  switch (frame?.type) {
    case 'join':
      return (answer) =>
        ((answer.type === 'joined' || answer.type === 'next') && answer.join === frame.join) ||
        (answer.type === 'restart' && answer.sub === frame.sub) ||
        (answer.type === 'refused' && answer.re === 'join' && answer.join === frame.join)
    case 'page':
      return (answer) =>
        (answer.type === 'page' || (answer.type === 'refused' && answer.re === 'page')) &&
        answer.request === frame.request
    case 'ephemeral':
      return (answer) => answer.type === 'refused' && answer.code === 'ephemeral-unsupported'
    default:
      return null
  }
}

/** No frame and no ping: refused as soon as it arrives, before what was said earlier has had its turn. */
export const isUseless = (made: Mutant): boolean =>
  !understood(made) && !('text' in made && made.text === PING)

/** The refusal that a useless message gets. */
export const isRefusalOfUseless = (answer: ServerFrame): boolean =>
  answer.type === 'refused' && (answer.code === 'frame-invalid' || answer.code === 'frame-too-large')

const name = (cid: string, n: number) => `${n} ${cid}`

/** The numbers that a mutant asks to be decided. Each gets a receipt or a refusal. */
export function numbersOf(made: Mutant): string[] {
  const frame = understood(made)
  return frame?.type === 'push' ? frame.items.map(({ cid, n }) => name(cid, n)) : []
}

/** The numbers that a frame of the server answers. */
export function numbersIn(frame: ServerFrame): string[] {
  if (frame.type === 'changes') return (frame.settled ?? []).map(({ cid, n }) => name(cid, n))
  return frame.type === 'refused' && frame.re === 'push' ? [name(frame.cid, frame.n)] : []
}
