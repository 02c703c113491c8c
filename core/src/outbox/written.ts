/** A write that was handed to the outbox. Neither promise is an unhandled rejection when only the other one is looked at. */
export interface Written {
  readonly id: string
  /** Resolves when it is kept on this device, with its place among all that is; rejects when it could not be. */
  readonly stored: Promise<number>
  /** How it ends: with the result of a command, or undefined. */
  readonly confirmed: Promise<unknown>
}
