import type { RoomStorage } from '../../persistence/room-storage.ts'
import type { WriteKeeper } from '../write-keeper.ts'

/** Keeps writes in `room`, each call in a transaction of its own. */
export const roomWriteKeeper = (room: RoomStorage): WriteKeeper => ({
  put: async (putWrites, deleteFailed = []) => (await room.commit({ putWrites, deleteFailed })).ords,
  mark: async (markWrites) => void (await room.commit({ markWrites })),
  forget: async (deleteWrites, putFailed) => void (await room.commit({ deleteWrites, putFailed })),
  dropFailed: async (deleteFailed) => void (await room.commit({ deleteFailed })),
})
