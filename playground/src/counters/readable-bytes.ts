const UNITS = ['B', 'kB', 'MB', 'GB']

/** A number of bytes as people write it: 999 B, 1.2 kB, 43 kB. */
export function readableBytes(bytes: number): string {
  let [amount, unit] = [bytes, 0]
  // What would be rounded up to a thousand belongs to the next unit.
  while (Math.round(amount) >= 1000 && unit < UNITS.length - 1) {
    amount /= 1000
    unit++
  }
  const digits = unit > 0 && amount < 9.95 ? 1 : 0
  return `${amount.toFixed(digits)} ${UNITS[unit]}`
}
