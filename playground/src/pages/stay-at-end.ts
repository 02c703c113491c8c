/** How close to the end counts as reading the end, in pixels. */
const NEAR = 48

/** Keeps the end of a scrolling list in view while somebody reads the end, and leaves them alone while they read further up. */
export function stayAtEnd(list: HTMLElement): () => void {
  let atEnd = true
  let top = 0
  const follow = () => {
    if (!atEnd) return
    list.scrollTop = list.scrollHeight
    top = list.scrollTop
  }
  // The event comes late: meanwhile the list may have got smaller, or another message. Only who scrolls up has left the end.
  const look = () => {
    const { scrollTop, scrollHeight, clientHeight } = list
    if (scrollHeight - scrollTop - clientHeight < NEAR) atEnd = true
    else if (scrollTop < top) atEnd = false
    top = scrollTop
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
