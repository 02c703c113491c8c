import { useEffect, useState } from 'react'

/** What `read` returns, looked at every so often: for numbers that nobody announces. `read` must be the same function every time. */
export function useSampled<T>(read: () => T, everyMs = 250): T {
  const [sample, setSample] = useState(read)
  useEffect(() => {
    const timer = setInterval(() => setSample(read), everyMs)
    return () => clearInterval(timer)
  }, [read, everyMs])
  return sample
}
