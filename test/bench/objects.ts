/** The objects of the bench's Worker: binding to class. */
export const OBJECTS = { SYNCED: 'SyncedRoom', SHELVES: 'ShelfRoom', BARE: 'BareRoom' }
