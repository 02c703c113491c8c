import { MutationRejectedError, ProtocolError } from '../errors.ts'
import type { TransactionLike } from './collection-options-shape.ts'
import { isProduction } from './production.ts'

/**
 * Says in the console that a write was refused, in development only: TanStack DB takes back what it showed, and whoever does not await the
 * transaction would see a row vanish, and nothing else.
 */
export function warnOfRejection({ mutations: [first] }: TransactionLike, ended: Promise<unknown>): void {
  if (isProduction() || !first) return
  ended.catch((error: unknown) => {
    const isRefused = error instanceof MutationRejectedError || error instanceof ProtocolError
    if (isRefused && error.code !== 'discarded')
      console.warn(
        `durable-sync: the ${first.type} of ${String(first.key)} was refused and is taken back: ${error.message}`,
      )
  })
}
