import type { RefusalCode } from '@durable-sync/core/wire'

/** Why a subscription is not served. */
export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
}

export const isRefusal = (result: object): result is Refusal => 'code' in result
