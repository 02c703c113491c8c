import { type Filter, filter } from '@durable-sync/server'
import type { Claims, Document } from './rows.ts'

/** Which documents a user may read: their own and their team's. Some roles stand for what an author may get wrong. */
export function documentsOf({ user }: { readonly user: Claims }): boolean | Filter<Document> {
  switch (user.role) {
    case 'admin':
      return true
    case 'nobody':
      return false
    case 'throws':
      throw new Error('the rule has a bug')
    case 'async':
      return Promise.resolve(true) as unknown as boolean
    case 'silent':
      return undefined as unknown as boolean
    case 'lost':
      return { team: undefined } as unknown as Filter<Document>
    case 'misspelt':
      return filter.eq('taem', 'x')
    default:
      return filter.or(filter.eq('owner', user.userId), filter.eq('team', user.role ?? ''))
  }
}
