import { type Misfit, misfit } from './misfit.ts'

/**
 * Shapes describe frames once: TypeScript types are inferred from them, the codec validates with them, and their description is hashed
 * so that no frame changes unnoticed. A shape never copies a value and ignores unknown fields, so that a newer peer may add some. A check
 * that passes makes nothing: every value of every frame goes through one.
 */
export interface Shape<T> {
  /** What is hashed: plain JSON that says everything the check enforces. */
  readonly form: unknown
  /** Undefined when `value` has this shape, otherwise what is wrong, and where in it. */
  readonly check: (value: unknown, depth: number) => Misfit | undefined
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

export const expected = (what: string, value: unknown): Misfit =>
  misfit(`must be ${what}, it is ${kindOf(value)}`)

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const text = (maxLength = 1024): Shape<string> =>
  shape({ text: maxLength }, (value) => {
    if (typeof value !== 'string') return expected('a string', value)
    return value.length > maxLength
      ? misfit(`has ${value.length} characters, ${maxLength} are allowed`)
      : undefined
  })

/** A whole number from 0 to 2^53 − 1. */
export const count = (): Shape<number> =>
  shape('count', (value) =>
    Number.isSafeInteger(value) && (value as number) >= 0
      ? undefined
      : expected('a whole number of at least 0', value),
  )

export const flag = (): Shape<boolean> =>
  shape('flag', (value) => (typeof value === 'boolean' ? undefined : expected('a boolean', value)))

export const oneOf = <const T extends readonly (string | number | null)[]>(...allowed: T): Shape<T[number]> =>
  shape({ oneOf: allowed }, (value) =>
    allowed.includes(value as T[number]) ? undefined : misfit(`must be one of ${allowed.join(', ')}`),
  )

/** Any JSON value. */
export const json = (): Shape<unknown> =>
  shape('json', (value) => (value === undefined ? misfit('is missing') : undefined))

export const nullable = <T>(inner: Shape<T>): Shape<T | null> =>
  shape({ nullable: inner.form }, (value, depth) => (value === null ? undefined : inner.check(value, depth)))

export const list = <T>(item: Shape<T>, max = Number.MAX_SAFE_INTEGER): Shape<readonly T[]> =>
  shape({ list: item.form, max }, (value, depth) => {
    if (!Array.isArray(value)) return expected('an array', value)
    if (value.length > max) return misfit(`has ${value.length} items, ${max} are allowed`)
    for (let i = 0; i < value.length; i++) {
      const wrong = item.check(value[i], depth)
      if (wrong) return wrong.under(`[${i}]`)
    }
    return undefined
  })

export const record = <T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  shape({ record: item.form }, (value, depth) => {
    if (!isObject(value)) return expected('an object', value)
    for (const key of Object.keys(value)) {
      const wrong = item.check((value as Record<string, unknown>)[key], depth)
      if (wrong) return wrong.under(`.${key}`)
    }
    return undefined
  })

interface Optional<T> extends Shape<T | undefined> {
  readonly optional: true
}

/** A field that may be absent. */
export const optional = <T>(inner: Shape<T>): Optional<T> => ({
  form: { optional: inner.form },
  check: (value, depth) => (value === undefined ? undefined : inner.check(value, depth)),
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
  return shape({ struct: form }, (value, depth) => {
    if (!isObject(value)) return expected('an object', value)
    for (const [name, inner] of entries) {
      const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      const wrong = inner.check(own, depth)
      if (wrong) return wrong.under(`.${name}`)
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
  return shape(form, (value, depth) => {
    if (!isObject(value)) return expected('an object', value)
    const name = Object.hasOwn(value, tag) ? (value as Record<string, unknown>)[tag] : undefined
    if (typeof name !== 'string' || !Object.hasOwn(members, name))
      return misfit(`must be one of ${Object.keys(members).join(', ')}`).under(`.${tag}`)
    return (members[name] as Shape<unknown>).check(value, depth)
  })
}

/** A shape that contains itself. */
export const lazy = <T>(name: string, make: () => Shape<T>): Shape<T> => {
  let made: Shape<T> | undefined
  return shape({ lazy: name }, (value, depth) => {
    if (depth >= MAX_DEPTH) return misfit(`is nested deeper than ${MAX_DEPTH}`)
    made ??= make()
    return made.check(value, depth + 1)
  })
}
