/**
 * Everything that is done to a room:
 *
 *   drop     the connection of one client is reset
 *   cut      it ends with the k-th frame of the server from now on, which arrives or is lost with it
 *   swallow  it ends with the next frame that carries a receipt: decided, and the client does not know
 *   lose     one frame of changes is lost and the connection goes on: a gap
 *   delay    one client hears nothing, or is not heard, for some steps, while the other one goes on
 *   away     one client is without a connection for some steps
 *   evict    the object leaves memory with its sockets open
 *   abort    the object ends at once
 *   crash    a handler ends the object in the middle of its transaction
 *   compact  the log keeps the newest row of every key
 *   prune    the log forgets everything below the newest era
 *   wipe     the storage is emptied and the object ends; the next instance makes its tables anew
 *   restart  the process is stopped and started
 *   kill     the process gets SIGKILL
 *   restore  the process ends, the database is replaced by an older copy or removed, the process starts
 */
export const ROOM_FAULTS = [
  'drop',
  'cut',
  'swallow',
  'lose',
  'delay',
  'away',
  'evict',
  'abort',
  'crash',
  'compact',
  'prune',
  'wipe',
] as const
export const PROCESS_FAULTS = ['restart', 'kill', 'restore'] as const

export type RoomFault = (typeof ROOM_FAULTS)[number]
export type ProcessFault = (typeof PROCESS_FAULTS)[number]
export type FaultKind = RoomFault | ProcessFault
export const FAULTS: readonly FaultKind[] = [...ROOM_FAULTS, ...PROCESS_FAULTS]
