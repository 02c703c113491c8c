import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** How close to the end counts as reading the end, in pixels. */
const NEAR = 80

export interface StickToEnd {
  readonly list: RefObject<HTMLDivElement | null>
  /** There is something new below what is in view. */
  readonly behind: boolean
  readonly goToEnd: () => void
}

/**
 * Keeps the end of a scrolling list in view while somebody reads the end, and leaves them alone while they read further up. What they
 * wrote themselves is always brought into view.
 *
 * @param last the id of the last message.
 * @param mine whether it was written here.
 * @param extra anything else at the end whose change should be seen.
 */
export function useStickToEnd(last: string | undefined, mine: boolean, extra: number): StickToEnd {
  const list = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const [behind, setBehind] = useState(false)

  const goToEnd = useCallback(() => {
    const element = list.current
    if (element) element.scrollTop = element.scrollHeight
    setBehind(false)
  }, [])

  // It runs when the end changes, whatever the end is.
  useLayoutEffect(() => {
    if (atEnd.current || mine) goToEnd()
    else setBehind(last !== undefined)
  }, [last, mine, extra, goToEnd])

  useEffect(() => {
    const element = list.current
    if (!element) return
    let last = element.scrollTop
    const look = () => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
      // The event comes late: the list may have shrunk since, and then nobody has scrolled up.
      if (isNear || element.scrollTop < last) atEnd.current = isNear
      last = element.scrollTop
      if (isNear) setBehind(false)
    }
    // A keyboard on a phone, or a composer that grows, takes away from the list: what was at its end stays there.
    const resized = new ResizeObserver(() => {
      if (atEnd.current) goToEnd()
    })
    element.addEventListener('scroll', look, { passive: true })
    resized.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      resized.disconnect()
    }
  }, [goToEnd])

  return { list, behind, goToEnd }
}
