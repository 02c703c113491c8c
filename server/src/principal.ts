/** Who the claims speak of: the first text among `sub`, `userId` and `id`. Only this is compared, so a refreshed token stays the same user. */
export function defaultPrincipal(claims: unknown): string | null {
  if (typeof claims !== 'object' || claims === null) return null
  for (const name of ['sub', 'userId', 'id']) {
    const value = (claims as Record<string, unknown>)[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

/** When the claims end, in milliseconds since 1970: `exp` in seconds, as in a JWT. Infinity without one. */
export function expiryOf(claims: unknown): number {
  const exp = typeof claims === 'object' && claims !== null ? (claims as { exp?: unknown }).exp : undefined
  return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY
}
