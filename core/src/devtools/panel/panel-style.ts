import { PANEL_CSS } from './panel-css.ts'

const sheets = new WeakMap<object, CSSStyleSheet>()

/**
 * Gives a shadow root the panel's style. Made by script and not written into the page, because `default-src 'self'` forbids `<style>` and
 * `style=`; where a browser cannot do that (before 2023) the panel is plain.
 */
export function dress(root: ShadowRoot): void {
  const window = root.ownerDocument.defaultView
  if (!window || !('adoptedStyleSheets' in root)) return
  const sheet = sheets.get(window) ?? new window.CSSStyleSheet()
  if (!sheets.has(window)) sheet.replaceSync(PANEL_CSS)
  sheets.set(window, sheet)
  root.adoptedStyleSheets = [sheet]
}
