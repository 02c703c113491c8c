/** Finds one piece of a pattern in `text` from `from` on: where it begins, or -1. Takes time in proportion to the text. */
type Finder = (text: string, from: number) => number

interface Piece {
  readonly length: number
  readonly find: Finder
  /** Whether `text` has the piece exactly at `at`. */
  readonly isAt: (text: string, at: number) => boolean
}

/** How long a piece with `_` may be: its search takes time in proportion to both lengths, 32 units at a time. */
export const MAX_WILD_PIECE = 1024

/** The longest piece between two `%` that has a `_`. */
export const wildPieceLength = (pattern: string): number =>
  Math.max(0, ...pattern.split('%').map((piece) => (piece.includes('_') ? piece.length : 0)))

/** Knuth, Morris and Pratt: `indexOf` may take time in proportion to the product of the two lengths. */
function literalFinder(piece: string): Finder {
  const fallback = new Int32Array(piece.length)
  for (let i = 1, matched = 0; i < piece.length; i++) {
    while (matched > 0 && piece[i] !== piece[matched]) matched = fallback[matched - 1] as number
    if (piece[i] === piece[matched]) matched++
    fallback[i] = matched
  }
  return (text, from) => {
    let matched = 0
    for (let i = from; i < text.length; i++) {
      while (matched > 0 && text[i] !== piece[matched]) matched = fallback[matched - 1] as number
      if (text[i] === piece[matched]) matched++
      if (matched === piece.length) return i - matched + 1
    }
    return -1
  }
}

/** Shift-And: one bit for each beginning of the piece that ends here. */
function wildFinder(piece: string): Finder {
  const words = Math.ceil(piece.length / 32)
  const any = new Uint32Array(words)
  const masks = new Map<string, Uint32Array>()
  for (let i = 0; i < piece.length; i++) {
    const unit = piece[i] as string
    const mask = unit === '_' ? any : (masks.get(unit) ?? new Uint32Array(words))
    if (unit !== '_') masks.set(unit, mask)
    mask[i >> 5] = (mask[i >> 5] as number) | (1 << (i & 31))
  }
  for (const mask of masks.values())
    for (let w = 0; w < words; w++) mask[w] = (mask[w] as number) | (any[w] as number)
  const last = piece.length - 1
  return (text, from) => {
    const state = new Uint32Array(words)
    for (let i = from; i < text.length; i++) {
      const mask = masks.get(text[i] as string) ?? any
      let carry = 1
      for (let w = 0; w < words; w++) {
        const word = state[w] as number
        state[w] = ((word << 1) | carry) & (mask[w] as number)
        carry = word >>> 31
      }
      if ((state[last >> 5] as number) & (1 << (last & 31))) return i - last
    }
    return -1
  }
}

function pieceOf(piece: string): Piece {
  const { length } = piece
  const isWild = piece.includes('_')
  const isAt = (text: string, at: number) => {
    for (let i = 0; i < length; i++) if (piece[i] !== '_' && piece[i] !== text[at + i]) return false
    return true
  }
  return {
    length,
    find: isWild ? wildFinder(piece) : literalFinder(piece),
    isAt: isWild ? isAt : (text, at) => text.startsWith(piece, at),
  }
}

/**
 * Whether all of a text matches `pattern`: `%` stands for any number of UTF-16 units, `_` for one. There is no escape. The pieces between
 * two `%` are found one after another, each as early as it can be, which leaves the most for the others; no pattern takes quadratic time.
 */
export function patternMatcher(pattern: string): (text: string) => boolean {
  const parts = pattern.split('%')
  const first = pieceOf(parts[0] ?? '')
  if (parts.length === 1) return (text) => text.length === first.length && first.isAt(text, 0)
  const last = pieceOf(parts.at(-1) ?? '')
  const middle = parts
    .slice(1, -1)
    .filter((part) => part !== '')
    .map(pieceOf)
  return (text) => {
    const end = text.length - last.length
    if (end < first.length || !first.isAt(text, 0) || !last.isAt(text, end)) return false
    let at = first.length
    for (const piece of middle) {
      const found = piece.find(text, at)
      if (found < 0 || found + piece.length > end) return false
      at = found + piece.length
    }
    return true
  }
}

export const matchesPattern = (text: string, pattern: string): boolean => patternMatcher(pattern)(text)
