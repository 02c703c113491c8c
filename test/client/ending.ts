/** How a promise ends: the error of a rejection, `undefined` for anything else. It counts as handled from now on. */
export const ending = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
