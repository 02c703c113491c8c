/**
 * Keeps the focus on the same control of a list whose rows change places, whatever the framework moves in the document to get there: an
 * element that is moved loses it. When its row is gone, the list itself has it, so that the keyboard goes on from there.
 *
 * @param list an element that can have the focus.
 */
export function keepFocus(list: HTMLElement): () => void {
  let focused: HTMLElement | undefined
  const take = ({ target }: FocusEvent) => {
    focused = target instanceof HTMLElement && list.contains(target) ? target : undefined
  }
  // Whoever clicks beside everything wants the focus nowhere.
  const letGo = ({ target }: Event) => {
    if (!(target instanceof Node && list.contains(target))) focused = undefined
  }
  const moved = new MutationObserver(() => {
    if (!focused || document.activeElement !== document.body) return
    const keeps = focused.isConnected ? focused : list
    keeps.focus({ preventScroll: true })
  })
  moved.observe(list, { childList: true, subtree: true })
  document.addEventListener('focusin', take)
  document.addEventListener('pointerdown', letGo)
  return () => {
    moved.disconnect()
    document.removeEventListener('focusin', take)
    document.removeEventListener('pointerdown', letGo)
  }
}
