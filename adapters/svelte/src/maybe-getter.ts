/** A value, or how to get it. Only a getter can be followed: `() => props.room`. */
export type MaybeGetter<T> = T | (() => T)

/** No input of a hook is a function itself. */
export const toValue = <T>(input: MaybeGetter<T>): T =>
  typeof input === 'function' ? (input as () => T)() : input
