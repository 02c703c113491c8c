import { isDevelopment } from '../development.ts'
import type { OrderTerm } from '../wire/index.ts'

declare const process: { readonly env: { readonly NODE_ENV?: string } }

/** Says that a window became the whole of its filter, and how text is ordered on the server. In development only. */
export function orderWarning(table: string, order: readonly OrderTerm[], reason: string): void {
  if (!isDevelopment() || process.env.NODE_ENV === 'production') return
  const byLanguage = order.filter(({ text }) => text === 'locale')
  const columns = (byLanguage.length > 0 ? byLanguage : order).map(({ column }) => `"${column}"`).join(', ')
  const advice =
    byLanguage.length > 0 ? `. If code point order will do, say orderBy(…, { stringSort: 'lexical' })` : ''
  console.warn(
    `durable-sync: a live query orders "${table}" by ${columns} with a limit, and every row of its filter is loaded for it: ${reason}${advice}`,
  )
}
