/** Prefix of every table and trigger that belongs to the library. */
export const OWN_PREFIX = '_sync_'

/**
 * An identifier in double quotes. Always qualify columns with their table: SQLite takes an unknown bare `"name"` for a string literal,
 * and a comparison with it matches every row that holds that text.
 */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const column = (table: string, name: string): string => `${quote(table)}.${quote(name)}`

/** A string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
