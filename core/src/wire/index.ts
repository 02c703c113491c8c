export type { CollectionContract, CommandContract, HasSyncApi, SyncApi, SyncApiOf } from './api.ts'
export { ALWAYS, bothOf, canonical, columnsOf } from './canonical-predicate.ts'
export {
  type Cell,
  COLUMN_KINDS,
  type ColumnKind,
  type PlaceCell,
  type WireValue,
  type WireValues,
} from './cell.ts'
export { compareCells, compareText, type Place, placeCell, placeComparator } from './cell-order.ts'
export type {
  ClientFrame,
  HelloFrame,
  HelloSubscription,
  JoinFrame,
  NarrowFrame,
  PageFrame,
  SubscriptionSpec,
} from './client-frame.ts'
export { clientFrame } from './client-frame.ts'
export { type CloseAction, CloseCode, closeAction } from './close-code.ts'
export { PING, PONG, utf8Bytes } from './codec.ts'
export { dateOfCell } from './date-of-cell.ts'
export { decodeClientFrame } from './decode-client-frame.ts'
export { decodeServerFrame } from './decode-server-frame.ts'
export { decodeSnapshot } from './decode-snapshot.ts'
export { encodeClientFrame } from './encode-client-frame.ts'
export { encodeServerFrame } from './encode-server-frame.ts'
export { encodeValue, ValueProblem } from './encode-value.ts'
export { type FilterBuilder, filter, filterOf } from './filter.ts'
export type { FilterExpression } from './filter-expression.ts'
export { FrameError } from './frame-error.ts'
export { implies } from './implied-predicate.ts'
export { isWellFormed, jsonProblem } from './json-problem.ts'
export { digestKey } from './key-digest.ts'
export {
  ACK_ANSWER_BYTES,
  ACK_EVERY_BYTES,
  DEFAULT_LIMITS,
  FRAME_TARGET_BYTES,
  JOIN_ANSWER_BYTES,
  type Limits,
  TOKEN_BYTES,
} from './limits.ts'
export { MAX_WILD_PIECE, wildPieceLength } from './match-pattern.ts'
export type { Outcome, Receipt } from './outcome.ts'
export { packReceipts } from './pack-receipts.ts'
export { formatPosition, type Position, type PositionParts, parsePosition } from './position.ts'
export type { OrderTerm, Predicate, WindowSpec } from './predicate.ts'
export { type Filter, type FilterObject, predicateOf, settledFilter } from './predicate-of.ts'
export type { PushFrame, PushItem, WireOp } from './push-frame.ts'
export { REFUSAL_CODES, REJECTION_CODES, type RefusalCode, type RejectionCode } from './refusal-code.ts'
export { rowMatcher } from './row-matcher.ts'
export type {
  Block,
  ChangesFrame,
  ChunkFrame,
  CidVerdict,
  GoodbyeFrame,
  JoinedFrame,
  Kinds,
  NextFrame,
  PageAnswerFrame,
  RefusedFrame,
  RestartFrame,
  RestartReason,
  ServerFrame,
  SubscriptionVerdict,
  WelcomeFrame,
} from './server-frame.ts'
export { serverFrame } from './server-frame.ts'
export type { Snapshot, SnapshotOrder, SnapshotRequest } from './snapshot.ts'
export { storedCell } from './stored-cell.ts'
export { MIN_SUPPORTED_VERSION, PROTOCOL_VERSION } from './version.ts'
