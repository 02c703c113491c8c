import type { Passed, Rule } from './frame-link.ts'

/** Everything passes. */
export const transparent: Rule = () => 'pass'

/** Cuts a connection right after its `k`th frame from the server (1 is the welcome) was sent on. Pongs do not count. */
export const cutAfterServerFrame =
  (k: number): Rule =>
  (message, link) => {
    if (message.from !== 'server' || !message.frame) return 'pass'
    const seen = link.conversation.filter(
      ({ from, frame }) => from === 'server' && frame !== undefined,
    ).length
    return seen === k ? 'last' : seen > k ? 'cut' : 'pass'
  }

/** The server has decided, the client never hears of it: a frame that carries receipts is lost, and the connection with it. */
export const swallowReceipts: Rule = (message) => (carriesReceipts(message) ? 'cut' : 'pass')

/** True when the server's frame settles something. */
export const carriesReceipts = ({ from, frame }: Passed): boolean =>
  from === 'server' && frame?.type === 'changes' && (frame.settled?.length ?? 0) > 0

/** Applies `rule` to the first `n` connections only; later ones pass. */
export const onFirst =
  (n: number, rule: Rule): Rule =>
  (message, link) =>
    link.index < n ? rule(message, link) : 'pass'

/** Applies `rule` until it has cut once, over all connections; everything after that passes. */
export const once = (rule: Rule): Rule => {
  let done = false
  return (message, link) => {
    if (done) return 'pass'
    const fate = rule(message, link)
    done = fate === 'cut' || fate === 'last'
    return fate
  }
}

/** Holds what `which` picks. */
export const holding =
  (which: (message: Passed) => boolean): Rule =>
  (message) =>
    which(message) ? 'hold' : 'pass'
