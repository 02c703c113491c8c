import { isDevelopment } from '../development.ts'
import { MutationRejectedError, ProtocolError } from '../errors.ts'
import type { TransactionLike } from './collection-options-shape.ts'

declare const process: { readonly env: { readonly NODE_ENV?: string } }

/**
 * Says in the console that a write was refused, in development only: TanStack DB takes back what it showed, and whoever does not await the
 * transaction would see a row vanish, and nothing else.
 */
export function warnOfRejection({ mutations: [first] }: TransactionLike, ended: Promise<unknown>): void {
  if (!isDevelopment() || process.env.NODE_ENV === 'production' || !first) return
  ended.catch((error: unknown) => {
    const isRefused = error instanceof MutationRejectedError || error instanceof ProtocolError
    if (isRefused && error.code !== 'discarded')
      console.warn(
        `durable-sync: the ${first.type} of ${String(first.key)} was refused and is taken back: ${error.message}`,
      )
  })
}
