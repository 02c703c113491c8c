/** Waits for `ms` milliseconds. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * `promise`, but not for longer than `ms`.
 * @throws Error that says what was waited for; `more` is asked only then.
 */
export async function deadline<T>(
  promise: Promise<T>,
  ms: number,
  what: string,
  more: () => string = () => '',
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const detail = more()
      reject(new Error(`waited ${ms} ms for ${what}${detail === '' ? '' : `: ${detail}`}`))
    }, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Asks again and again until the answer satisfies `enough`, and returns it.
 * @throws Error with the last answer after `ms`.
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  enough: (answer: T) => boolean,
  what: string,
  ms = 5000,
): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const answer = await ask()
    if (enough(answer)) return answer
    if (Date.now() >= end) throw new Error(`waited ${ms} ms for ${what}: last seen ${JSON.stringify(answer)}`)
    await pause(10)
  }
}
