import { literal } from './identifier.ts'

const WORD = /^[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*$/u
const VALUE = /^(?:true|false|null|current_(?:time|date|timestamp))$/i
const QUOTED = /^(?:"(?<double>(?:[^"]|"")*)"|`(?<back>(?:[^`]|``)*)`|\[(?<brackets>[^\]]*)\])$/

/**
 * A column's default, as `pragma_table_xinfo` tells it, as an expression. A name by itself, quoted or not, is a text to SQLite where a default is
 * declared, and a column everywhere else.
 */
export function defaultExpression(told: string): string {
  if (WORD.test(told)) return VALUE.test(told) ? told : literal(told)
  const { double, back, brackets } = QUOTED.exec(told)?.groups ?? {}
  const name = double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? brackets
  // What is told may end in a comment.
  return name === undefined ? `${told}\n` : literal(name)
}
