/**
 * Shapes describe frames once: TypeScript types are inferred from them, the codec validates with them, and their description is hashed
 * so that no frame changes unnoticed. A shape never copies a value and ignores unknown fields, so that a newer peer may add some.
 */
export interface Shape<T> {
  /** What is hashed: plain JSON that says everything the check enforces. */
  readonly form: unknown
  /** Undefined when `value` has this shape, otherwise a sentence that names the field. */
  readonly check: (value: unknown, field: string, depth: number) => string | undefined
  /** Never set: carries the type. */
  readonly '~type'?: T
}

export type Infer<S> = S extends Shape<infer T> ? T : never

/** A predicate nested deeper than this is refused, long before the stack of a recursive check is in danger. */
const MAX_DEPTH = 64

const shape = <T>(form: unknown, check: Shape<T>['check']): Shape<T> => ({ form, check })

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : value === undefined
        ? 'missing'
        : `a ${typeof value}`

const expected = (field: string, what: string, value: unknown) =>
  `${field} must be ${what}, it is ${kindOf(value)}`

export const text = (maxLength = 1024): Shape<string> =>
  shape({ text: maxLength }, (value, field) => {
    if (typeof value !== 'string') return expected(field, 'a string', value)
    return value.length > maxLength
      ? `${field} has ${value.length} characters, ${maxLength} are allowed`
      : undefined
  })

/** A whole number from 0 to 2^53 − 1. */
export const count = (): Shape<number> =>
  shape('count', (value, field) =>
    Number.isSafeInteger(value) && (value as number) >= 0
      ? undefined
      : expected(field, 'a whole number of at least 0', value),
  )

export const flag = (): Shape<boolean> =>
  shape('flag', (value, field) =>
    typeof value === 'boolean' ? undefined : expected(field, 'a boolean', value),
  )

export const oneOf = <const T extends readonly (string | number | null)[]>(...allowed: T): Shape<T[number]> =>
  shape({ oneOf: allowed }, (value, field) =>
    allowed.includes(value as T[number]) ? undefined : `${field} must be one of ${allowed.join(', ')}`,
  )

/** Any JSON value. */
export const json = (): Shape<unknown> =>
  shape('json', (value, field) => (value === undefined ? `${field} is missing` : undefined))

export const nullable = <T>(inner: Shape<T>): Shape<T | null> =>
  shape({ nullable: inner.form }, (value, field, depth) =>
    value === null ? undefined : inner.check(value, field, depth),
  )

export const list = <T>(item: Shape<T>, max = Number.MAX_SAFE_INTEGER): Shape<readonly T[]> =>
  shape({ list: item.form, max }, (value, field, depth) => {
    if (!Array.isArray(value)) return expected(field, 'an array', value)
    if (value.length > max) return `${field} has ${value.length} items, ${max} are allowed`
    for (let i = 0; i < value.length; i++) {
      const wrong = item.check(value[i], `${field}[${i}]`, depth)
      if (wrong) return wrong
    }
    return undefined
  })

export const record = <T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  shape({ record: item.form }, (value, field, depth) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return expected(field, 'an object', value)
    for (const key of Object.keys(value)) {
      const wrong = item.check((value as Record<string, unknown>)[key], `${field}.${key}`, depth)
      if (wrong) return wrong
    }
    return undefined
  })

interface Optional<T> extends Shape<T | undefined> {
  readonly optional: true
}

/** A field that may be absent. */
export const optional = <T>(inner: Shape<T>): Optional<T> => ({
  form: { optional: inner.form },
  check: (value, field, depth) => (value === undefined ? undefined : inner.check(value, field, depth)),
  optional: true,
})

type Fields = Readonly<Record<string, Shape<unknown>>>
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F]
type Flatten<T> = { readonly [K in keyof T]: T[K] }
export type Struct<F extends Fields> = Flatten<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: Exclude<Infer<F[K]>, undefined>
  }
>

export function struct<F extends Fields>(fields: F): Shape<Struct<F>> {
  const entries = Object.entries(fields)
  const form = Object.fromEntries(entries.map(([name, field]) => [name, field.form]))
  return shape({ struct: form }, (value, field, depth) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return expected(field, 'an object', value)
    for (const [name, inner] of entries) {
      const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      const wrong = inner.check(own, field === '' ? name : `${field}.${name}`, depth)
      if (wrong) return wrong
    }
    return undefined
  })
}

/** One of several structs, told apart by the text in the field `tag`. */
export function tagged<T>(tag: string, members: Readonly<Record<string, Shape<unknown>>>): Shape<T> {
  const form = {
    tag,
    members: Object.fromEntries(Object.entries(members).map(([name, m]) => [name, m.form])),
  }
  return shape(form, (value, field, depth) => {
    const at = field === '' ? tag : `${field}.${tag}`
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return expected(field || 'the frame', 'an object', value)
    const name = Object.hasOwn(value, tag) ? (value as Record<string, unknown>)[tag] : undefined
    if (typeof name !== 'string' || !Object.hasOwn(members, name))
      return `${at} must be one of ${Object.keys(members).join(', ')}`
    return (members[name] as Shape<unknown>).check(value, field, depth)
  })
}

/** A shape that contains itself. */
export const lazy = <T>(name: string, make: () => Shape<T>): Shape<T> => {
  let made: Shape<T> | undefined
  return shape({ lazy: name }, (value, field, depth) => {
    if (depth >= MAX_DEPTH) return `${field} is nested deeper than ${MAX_DEPTH}`
    made ??= make()
    return made.check(value, field, depth + 1)
  })
}

export const either = <A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> =>
  shape({ either: [a.form, b.form] }, (value, field, depth) =>
    a.check(value, field, depth) === undefined ? undefined : b.check(value, field, depth),
  )
