import { type RefObject, useLayoutEffect, useRef } from 'react'

const GLIDE_MS = 260
const GLOW_MS = 1200
/** Whoever comes from further away than this comes from out of sight: the rest of the way says nothing. */
const FURTHEST_ROWS = 20

const still = matchMedia('(prefers-reduced-motion: reduce)')

/** Lets a row glide to its new place, and glow when `version` changes. Nothing moves for those who asked for that. */
export function useGlide(row: RefObject<HTMLElement | null>, index: number, version: unknown): void {
  const before = useRef({ index, version })
  useLayoutEffect(() => {
    const { current: last } = before
    before.current = { index, version }
    const element = row.current
    if (!element || still.matches) return
    if (last.index !== index) {
      const rows = Math.max(-FURTHEST_ROWS, Math.min(FURTHEST_ROWS, last.index - index))
      const from = `translateY(${rows * element.offsetHeight}px)`
      element.animate([{ transform: from }, { transform: 'none' }], {
        duration: GLIDE_MS,
        easing: 'ease-out',
      })
    }
    if (last.version !== version)
      element.animate([{ background: 'var(--glow)' }, { background: 'transparent' }], {
        duration: GLOW_MS,
        easing: 'ease-out',
      })
  }, [row, index, version])
}
