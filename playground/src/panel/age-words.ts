const UNITS = [
  ['s', 60],
  ['min', 60],
  ['h', 24],
] as const

/** How long something took so far: 8 s, 3 min, 2 h, 5 days. Clocks are put back, so it may be less than nothing. */
export function ageWords(ms: number): string {
  let age = Math.max(0, Math.floor(ms / 1000))
  for (const [unit, inTheNext] of UNITS) {
    if (age < inTheNext) return `${age} ${unit}`
    age = Math.floor(age / inTheNext)
  }
  return age === 1 ? '1 day' : `${age} days`
}
