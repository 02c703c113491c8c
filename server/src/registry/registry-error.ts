/** The registry was built in a way that can never work. The developer must change the call that the message names. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code = 'registry-invalid'
}
