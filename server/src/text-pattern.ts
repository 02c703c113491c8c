/** Where JavaScript and SQLite order text alike: below the surrogates. */
const SURROGATES = 0xd800

/** The beginning of a text up to its first UTF-16 unit that JavaScript and SQLite may order differently. */
export function orderedPrefix(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= SURROGATES) return text.slice(0, i)
  return text
}

/** The first text, by code point, after all that begin with `prefix`; null when there is none. */
export function afterPrefix(prefix: string): string | null {
  const points = [...prefix]
  for (;;) {
    const last = points.pop()?.codePointAt(0)
    if (last === undefined) return null
    if (last === 0x10ffff) continue
    // There are no characters between U+D7FF and U+E000.
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
  }
}

/** What every text that matches a pattern must have. */
export interface TextPattern {
  /** How it begins. */
  readonly prefix: string
  /** The longest text that it contains anywhere. */
  readonly part: string
  /** What the two say is all that the pattern says: it is one text, a beginning, or a part. */
  readonly is: 'whole' | 'beginning' | 'part' | 'more'
}

/** Half of a surrogate pair in a pattern matches half of a character, which SQL cannot say. */
const WILDCARD = /[%_]|\p{Surrogate}/u

/** `pattern` is one of `like`. */
export function readPattern(pattern: string): TextPattern {
  if (!WILDCARD.test(pattern)) return { prefix: pattern, part: pattern, is: 'whole' }
  const pieces = pattern.split(new RegExp(WILDCARD, 'gu'))
  const prefix = pieces[0] ?? ''
  const part = pieces.reduce((a, b) => (b.length > a.length ? b : a), '')
  if (/^%+$/.test(pattern.slice(prefix.length))) return { prefix, part, is: 'beginning' }
  const isPart = prefix === '' && /^%+$/.test(pattern.replace(part, '')) && pattern.endsWith('%')
  return { prefix, part, is: isPart ? 'part' : 'more' }
}
