import type { WireValue } from '@durable-sync/core/wire'
import type { Condition } from './comparison-sql.ts'
import type { Column } from './table-schema.ts'

/** More pieces of a pattern than this are not looked for in SQL. */
const MAX_PIECES = 8

const NOTHING: Condition = { sql: '0', params: [], exact: true }

/** The smallest text after every text that begins with `prefix`, by code point; undefined when there is none. */
function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix]
  const last = points.pop()?.codePointAt(0)
  if (last === undefined || last >= 0x10ffff) return undefined
  return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
}

/**
 * A pattern as what SQLite can say about text. Its own LIKE folds ASCII letters, converts numbers, takes `_` for a code point and no
 * more than 50 bytes; so the fixed pieces are compared and looked for, and what that leaves open is decided by `rowMatcher`.
 */
export function likeCondition(op: 'like' | 'ilike', pattern: WireValue, info: Column, c: string): Condition {
  if (typeof pattern !== 'string') return NOTHING
  // Text that says a date or a document is none to the application.
  if (info.kind === 'json') return { sql: `${c} IS NOT NULL`, params: [], exact: false }
  const isText = `typeof(${c}) = 'text'`
  const asStored = info.kind !== 'date'
  if (/^%+$/.test(pattern)) return { sql: `(${isText})`, params: [], exact: asStored }
  if (op === 'ilike' || pattern.includes('\0')) return { sql: `(${isText})`, params: [], exact: false }
  const pieces = pattern.split(/[%_]+/)
  const prefix = pieces[0] ?? ''
  // In a numeric column text is compared as such only without the column's affinity.
  const text = info.affinity === 'text' || info.affinity === 'blob' ? c : `+${c}`
  if (pieces.length === 1) return { sql: `(${isText} AND ${text} = ?)`, params: [pattern], exact: asStored }
  const conditions = [isText]
  const params: string[] = []
  if (prefix !== '') {
    const end = afterPrefix(prefix)
    conditions.push(`${text} >= ?`, ...(end === undefined ? [] : [`${text} < ?`]))
    params.push(prefix, ...(end === undefined ? [] : [end]))
  }
  const inside = pieces.slice(1).filter((piece) => piece !== '')
  for (const piece of inside.slice(0, MAX_PIECES)) {
    conditions.push(`instr(${c}, ?) > 0`)
    params.push(piece)
  }
  const wildcards = pattern.replace(/[^%_]+/g, 'x')
  const says = /^(x%+|%+x%+)$/.test(wildcards) && (prefix !== '' ? afterPrefix(prefix) !== undefined : true)
  return { sql: `(${conditions.join(' AND ')})`, params, exact: asStored && says }
}
