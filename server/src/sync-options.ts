import { DEFAULT_LIMITS, type Limits } from '@durable-sync/core/wire'
import { defaultPrincipal } from './principal.ts'

const DAY = 86_400_000

/** How one object syncs. Everything has a default. */
export interface SyncOptions<Claims> {
  /**
   * Who a socket belongs to. Default: the first text among `sub`, `userId` and `id` of the claims. Null refuses the upgrade. Pending
   * writes and stored rows belong to it, so it must not change with a token or a role.
   */
  readonly principal?: (claims: Claims) => string | null
  /** How long changes are kept for clients that are away, in milliseconds. Older positions load anew. Default 2 days. */
  readonly retentionMs?: number
  /** Limits that differ from `DEFAULT_LIMITS`. */
  readonly limits?: Partial<Limits>
}

export interface ResolvedOptions {
  readonly principal: (claims: unknown) => string | null
  readonly retentionMs: number
  readonly limits: Limits
}

export const resolveOptions = <Claims>(options: SyncOptions<Claims>): ResolvedOptions => ({
  principal: (options.principal as ResolvedOptions['principal'] | undefined) ?? defaultPrincipal,
  retentionMs: options.retentionMs ?? 2 * DAY,
  limits: { ...DEFAULT_LIMITS, ...options.limits },
})
