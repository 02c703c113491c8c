/** The storage was closed, here or by a purge in another tab: nothing is kept any more. */
export class StorageClosed extends Error {
  override readonly name = 'StorageClosed'

  constructor() {
    super('the storage is closed')
  }
}
