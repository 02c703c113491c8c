import { onTestFinished } from 'vitest'

/**
 * Looks again and again, in every macrotask, and keeps each answer that differs from the one before: what a screen could have shown.
 * Whoever asks for
 * the answers gets that of this moment with them.
 */
export function watchSteadily<T>(look: () => T): () => readonly T[] {
  const seen = [look()]
  const lookAgain = () => {
    const now = look()
    if (now !== seen.at(-1)) seen.push(now)
    return seen
  }
  let timer = setImmediate(again)
  function again() {
    lookAgain()
    timer = setImmediate(again)
  }
  onTestFinished(() => clearImmediate(timer))
  return lookAgain
}
