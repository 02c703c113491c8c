/**
 * SQLite took back more than one write: with `RAISE (ROLLBACK, …)`, `ON CONFLICT ROLLBACK` or a disk that fails it ends the whole transaction, and what
 * others wrote in this turn is gone. Whatever were written now would be stored without it, so the turn must end here, and with it the instance.
 */
export class TurnLost extends Error {
  override readonly name = 'TurnLost'
}

/** `storage.transactionSync`. @throws what `run` throws, after its writes were rolled back; TurnLost where that is not possible. */
export function atomically<T>(storage: DurableObjectStorage, run: () => T): T {
  let thrown: { readonly error: unknown } | undefined
  try {
    return storage.transactionSync(() => {
      try {
        return run()
      } catch (error) {
        thrown = { error }
        throw error
      }
    })
  } catch (error) {
    // Without its transaction, the runtime can neither end nor undo the part, and says so in words of its own.
    if (thrown?.error === error) throw error
    throw new TurnLost('a statement rolled back the transaction of its whole turn', {
      cause: thrown?.error ?? error,
    })
  }
}
