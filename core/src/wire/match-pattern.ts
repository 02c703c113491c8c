/**
 * Whether all of `text` matches `pattern`: `%` stands for any number of UTF-16 units, `_` for one. There is no escape. A walk instead of
 * a regular expression, so that no pattern takes exponential time.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0
  let next = 0
  /** Where to go on after a mismatch: behind the last `%`, with one more unit given to it. */
  let afterStar = -1
  let given = 0
  while (at < text.length) {
    if (pattern[next] === '%') {
      afterStar = ++next
      given = at
    } else if (next < pattern.length && (pattern[next] === '_' || pattern[next] === text[at])) {
      at++
      next++
    } else if (afterStar >= 0) {
      at = ++given
      next = afterStar
    } else return false
  }
  while (pattern[next] === '%') next++
  return next === pattern.length
}
