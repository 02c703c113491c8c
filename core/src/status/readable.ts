/** A value that can be read and watched. Both functions are bound, so they can be handed to `useSyncExternalStore` as they are. */
export interface Readable<T> {
  /** The current value; the same reference until the next notification. */
  readonly get: () => T
  /** Calls `onChange` after each change, never synchronously with the call. The returned function may be called twice. */
  readonly subscribe: (onChange: () => void) => () => void
}

export interface WritableReadable<T> extends Readable<T> {
  /** Replaces the value and tells the subscribers, unless it is the same reference. */
  readonly set: (value: T) => void
}

/**
 * A readable and its setter. A listener that throws is reported and does not keep the others from hearing.
 */
export function createReadable<T>(initial: T): WritableReadable<T> {
  let value = initial
  const listeners = new Set<{ readonly call: () => void }>()
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(value, next)) return
      value = next
      for (const listener of [...listeners]) {
        try {
          listener.call()
        } catch (error) {
          queueMicrotask(() => {
            throw error
          })
        }
      }
    },
    subscribe: (onChange) => {
      const listener = { call: onChange }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** A readable that shows `source` through `view`, which runs only when the value is asked for and has changed. */
export function deriveReadable<S, T>(source: Readable<S>, view: (value: S) => T): Readable<T> {
  let seen: { readonly from: S; readonly value: T } | undefined
  return {
    get: () => {
      const from = source.get()
      if (!seen || !Object.is(seen.from, from)) seen = { from, value: view(from) }
      return seen.value
    },
    subscribe: source.subscribe,
  }
}
