/**
 * A table cannot be synced as it is. Logged once with its fix; until it is mended, upgrades and hellos are closed with 4500, so that
 * the author's own routes live on (a throwing constructor would close every socket of the object and lose its writes).
 */
export class SetupError extends Error {
  override readonly name = 'SetupError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
