import { useCallback, useEffect, useState } from 'react'

const SHOWN_MS = 6_000

/** A line that says what has just happened, and is gone after a while. */
export function useNotice(): [notice: string, tell: (words: string) => void] {
  const [notice, setNotice] = useState({ words: '' })
  useEffect(() => {
    if (notice.words === '') return
    const timer = setTimeout(() => setNotice({ words: '' }), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [notice])
  const tell = useCallback((words: string) => setNotice({ words }), [])
  return [notice.words, tell]
}
