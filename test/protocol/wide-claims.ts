import type { Claims } from '../worker/rows.ts'

/** Claims that leave no room for subscriptions in the attachment of their socket: these go into the table. */
export const WIDE_CLAIMS: Claims = { userId: '宽'.repeat(560), role: '宽'.repeat(3400) }
