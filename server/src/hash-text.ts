/**
 * FNV-1a over UTF-16 units, twice with different offsets: 64 bits as 13 or fewer base-36 characters a half. It tells versions of a
 * schema apart; it is no protection against anybody who wants two texts to collide.
 */
export function hashText(text: string): string {
  const half = (offset: number) => {
    let hash = offset
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    return (hash >>> 0).toString(36)
  }
  return `${half(0x811c9dc5)}${half(0x9747b28c)}`
}
