import { onTestFinished } from 'vitest'

/**
 * Looks again and again, in every macrotask, and keeps each answer that differs from the one before: what a screen could have shown.
 * The returned list grows until the test ends.
 */
export function watchSteadily<T>(look: () => T): T[] {
  const seen = [look()]
  let timer = setImmediate(again)
  function again() {
    const now = look()
    if (now !== seen.at(-1)) seen.push(now)
    timer = setImmediate(again)
  }
  onTestFinished(() => clearImmediate(timer))
  return seen
}
