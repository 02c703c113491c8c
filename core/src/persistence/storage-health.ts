/**
 * How well this device keeps things.
 *
 * idle     nothing has been asked of it yet.
 * durable  what is committed survives the page.
 * full     there is no room. Rows are not kept any further; writes are, as long as they fit.
 * memory   what is committed is gone with the page. `absent`: the platform has no database. `denied`: it forbids its use here. `timeout`:
 *          it does not answer, or its code is not there yet; it is used as soon as it is. `broken`: it failed again and again, and is tried
 *          again after a minute; or its code could not be loaded, and is tried again ever more rarely.
 * closed   nothing is kept any more. `purged`: this tab or another one has forgotten the user. `left: 'writes'`: their unsent writes are
 *          still there, for the next time that they sign in.
 */
export type StorageHealth =
  | { readonly is: 'idle' }
  | { readonly is: 'durable' }
  | { readonly is: 'full'; readonly cause: unknown }
  | { readonly is: 'memory'; readonly why: MemoryReason; readonly cause: unknown }
  | { readonly is: 'closed'; readonly why: 'closed' | 'purged'; readonly left?: 'writes' }

export type MemoryReason = 'absent' | 'denied' | 'timeout' | 'broken'

/** What of a user is forgotten; the other stays. `writes`: failed ones, too. */
export type Purge = 'rows' | 'writes' | 'everything' | 'nothing'

export const purgedHealth = (what: Purge): StorageHealth => ({
  is: 'closed',
  why: 'purged',
  ...(what === 'rows' || what === 'nothing' ? { left: 'writes' } : {}),
})
