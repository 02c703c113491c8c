const ASLEEP_AFTER_MS = 10_000

/** Whether the object sleeps, as far as one pane can tell: it only knows of its own frames. Times are in milliseconds since 1970. */
export function sleepWords(lastFrameAt: number, now: number): string {
  if (lastFrameAt === 0) return 'No frame has passed here yet.'
  const left = Math.ceil((lastFrameAt + ASLEEP_AFTER_MS - now) / 1_000)
  return left > 0
    ? `The object sleeps by itself in ${left} s, if no other pane keeps it awake. It cannot be sent to sleep.`
    : 'The object sleeps, unless another pane keeps it awake. The next write wakes it.'
}
