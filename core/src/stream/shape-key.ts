import { ALWAYS, canonical } from '../wire/canonical-predicate.ts'
import type { SubscriptionSpec } from '../wire/index.ts'
import { digestKey } from '../wire/key-digest.ts'

/**
 * The name under which the rows of a subscription are kept: subscriptions that ask for the same rows in the same order share it,
 * however many of them a window wants. 106 bits of digest, so that every record has a short key.
 */
export function shapeKey({ collection, where, window }: SubscriptionSpec): string {
  const text = JSON.stringify([collection, canonical(where ?? ALWAYS), window?.order ?? null])
  return `${collection}/${digestKey('a', text).toString(36)}${digestKey('b', text).toString(36)}`
}
