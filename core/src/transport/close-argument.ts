/** A close frame carries at most this many bytes of reason. */
const REASON_BYTES = 123

/**
 * The code, or 1000 when a client may not send it. On any other, a browser throws, partysocket swallows that, and the old socket stays
 * open next to the new one.
 */
export const closeCodeToSend = (code: number): number =>
  code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000

/** The reason, cut at a character so that it fits into a close frame; a longer one throws like a bad code. */
export function closeReasonToSend(reason: string): string {
  const bytes = new TextEncoder().encode(reason)
  if (bytes.length <= REASON_BYTES) return reason
  // `stream` leaves out a last character that was cut through.
  return new TextDecoder().decode(bytes.subarray(0, REASON_BYTES), { stream: true })
}
