import { type RefObject, useEffect, useState } from 'react'
import type { Viewport } from './visible-rows.ts'

const UNKNOWN: Viewport = { top: 0, height: 800 }

/** How far an element is scrolled and how high it is, also when either changes. */
export function useViewport(scroller: RefObject<HTMLElement | null>): Viewport {
  const [viewport, setViewport] = useState(UNKNOWN)
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const look = () => setViewport({ top: element.scrollTop, height: element.clientHeight })
    const resized = new ResizeObserver(look)
    element.addEventListener('scroll', look, { passive: true })
    resized.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      resized.disconnect()
    }
  }, [scroller])
  return viewport
}
