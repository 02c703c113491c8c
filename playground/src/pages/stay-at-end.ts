/** How close to the end counts as reading the end, in pixels. */
const NEAR = 48

/** Keeps the end of a scrolling list in view while somebody reads the end, and leaves them alone while they read further up. */
export function stayAtEnd(list: HTMLElement): () => void {
  let atEnd = true
  const follow = () => {
    if (atEnd) list.scrollTop = list.scrollHeight
  }
  const look = () => {
    atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR
  }
  const changed = new MutationObserver(follow)
  const resized = new ResizeObserver(follow)
  changed.observe(list, { childList: true, subtree: true })
  resized.observe(list)
  list.addEventListener('scroll', look, { passive: true })
  follow()
  return () => {
    changed.disconnect()
    resized.disconnect()
    list.removeEventListener('scroll', look)
  }
}
