/** In an attachment, what its socket may need beside its principal and claims: marks of 256 subscriptions, and the client ids of dozens of tabs. */
export const RESERVED_ROOM = 'x'.repeat(7 * 1024)
