/**
 * 53 bits of `key` under `salt`. A removal that must not name its key is sent as this number; who holds the row knows its key and finds it.
 * It hides keys from readers who do not know them already; it is no secret from one who can guess the key.
 */
export function digestKey(salt: string, key: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  const mix = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      a = Math.imul(a ^ unit, 2654435761)
      b = Math.imul(b ^ unit, 1597334677)
    }
  }
  mix(salt)
  mix('\n')
  mix(key)
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}
