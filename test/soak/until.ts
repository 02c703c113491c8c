interface Watched {
  readonly subscribe: (onChange: () => void) => () => void
}

/**
 * Waits until `done` is true, asked again whenever one of these changes. Returns false when that takes longer than `ms`, or when
 * `signal` is aborted.
 */
export function until(
  watched: readonly Watched[],
  done: () => boolean,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (done()) return Promise.resolve(true)
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const end = (answer: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', late)
      for (const stop of stops) stop()
      resolve(answer)
    }
    const late = () => end(done())
    const timer = setTimeout(late, ms)
    signal.addEventListener('abort', late)
    const stops = watched.map(({ subscribe }) =>
      subscribe(() => {
        if (done()) end(true)
      }),
    )
  })
}
