import { type Accessor, createMemo } from 'solid-js'

/**
 * A memo whose first error is thrown where it is made. Solid would hand it to the nearest `ErrorBoundary` and go on without a value, so that the
 * boundary would be shown the `TypeError` that comes of that. Later errors go to the boundary, as those of every memo.
 */
export function createCheckedMemo<T>(compute: () => T): Accessor<T> {
  let checking = true
  let failure: { readonly error: unknown } | undefined
  const memo = createMemo((): T | undefined => {
    try {
      return compute()
    } catch (error) {
      if (!checking) throw error
      failure = { error }
      return undefined
    }
  })
  checking = false
  if (failure) throw failure.error
  // Without a failure it has what was computed.
  return memo as Accessor<T>
}
