import { COLUMN_KINDS, cell, idText, jsonValue, keyText, position } from './cell.ts'
import type { Receipt } from './outcome.ts'
import { packedReceipt } from './packed-receipts.ts'
import { boundary } from './predicate.ts'
import { REFUSAL_CODES } from './refusal-code.ts'
import {
  count,
  flag,
  type Infer,
  list,
  nullable,
  oneOf,
  optional,
  record,
  struct,
  tagged,
  text,
} from './shape.ts'

const refusalCode = oneOf(...REFUSAL_CODES)

const limits = struct({
  frameBytes: count(),
  helloBytes: count(),
  subscriptions: count(),
  /** Absent in the welcome of a server that is older than the field, which takes as many as are the default. */
  itemsPerPush: optional(count()),
  opsPerMutation: count(),
  cidsPerHello: count(),
  resultBytes: count(),
  rowBytes: count(),
  outcomesPerCid: count(),
  outcomeBytesPerCid: count(),
})

/**
 * `known`: every number up to `last` is decided. `unknown`: this history has no record of it. `retired`: it was declared drained.
 * `foreign`: it belongs to another principal.
 */
const cidVerdict = struct({
  cid: idText,
  is: oneOf('known', 'unknown', 'retired', 'foreign'),
  last: count(),
})
export type CidVerdict = Infer<typeof cidVerdict>

const restartReason = oneOf('pruned', 'lineage', 'shape', 'requested')
export type RestartReason = Infer<typeof restartReason>

/** `resume`: it is in the pass that follows. `restart`: ask again with `join`. `refused`: it will never be served as asked. */
const subscriptionVerdict = struct({
  id: count(),
  is: oneOf('resume', 'restart', 'refused'),
  reason: optional(restartReason),
  code: optional(refusalCode),
  message: optional(text(4096)),
})
export type SubscriptionVerdict = Infer<typeof subscriptionVerdict>

/** The answer to hello. It moves no position. */
const welcome = struct({
  type: oneOf('welcome'),
  v: count(),
  object: idText,
  /** Who the server takes this client for. */
  principal: text(1024),
  /** The server's clock, in milliseconds. */
  now: count(),
  /** Spread the first reconnect attempt over this many milliseconds. */
  reconnectWindowMs: count(),
  /** Present when the hello's position cannot be resumed: every subscription starts over, held rows stay visible until it has. */
  reset: optional(oneOf('pruned', 'lineage')),
  cids: list(cidVerdict),
  subs: list(subscriptionVerdict),
  limits,
})
export type WelcomeFrame = Infer<typeof welcome>

/**
 * Rows of one table: column names once. `up` are full rows in that order, each once however many subscriptions of the socket match it: the
 * receiver places it with the same `rowMatcher`, and a row that does not match a subscription is none of its rows any more. `del` are keys
 * that match no subscription of the socket, or exist no more. `gone` says the same of tables with a read filter without naming keys:
 * `digestKey(salt, key)`, where the salt is the `to`, or the `at`, of the frame that ends what the block belongs to, from its first dot on.
 */
const blockFields = {
  cols: list(text(256)),
  up: list(list(cell)),
  del: list(keyText),
  gone: optional(list(count())),
}
export const block = struct(blockFields)
export type Block = Infer<typeof block>

/**
 * The one frame that moves a position. `from` other than the receiver's position is a gap: apply nothing, reconnect. `from` is null
 * once per socket at most, in its first pass, and means: start here. All frames of a pass but the last carry `more`; the receiver
 * buffers them and applies rows, position and receipts in one turn at the last. `live` ends the pass that answers hello.
 */
const changes = struct({
  type: oneOf('changes'),
  from: nullable(position),
  to: position,
  more: optional(flag()),
  live: optional(flag()),
  tables: record(block),
  settled: optional(list(packedReceipt)),
})
type PackedChanges = Infer<typeof changes>

/** As it is worked with: each receipt by itself. */
export interface ChangesFrame extends Omit<PackedChanges, 'settled'> {
  readonly settled?: readonly Receipt[]
}

export const kinds = record(oneOf(...COLUMN_KINDS))
export type Kinds = Infer<typeof kinds>

/** Rows of a join. They are staged and never move a position. */
const chunk = struct({ ...blockFields, type: oneOf('chunk'), join: count() })
export type ChunkFrame = Infer<typeof chunk>

/**
 * The answer ends here but the join does not: ask again with these four. Rows of another `shape` than that of the next answer cannot be one
 * set with them. `read` is where the rows of this answer were read: a storage that
 * is restored to a point between `p0` and there would otherwise leave rows that it does not have.
 */
const next = struct({
  type: oneOf('next'),
  join: count(),
  p0: position,
  read: position,
  shape: text(64),
  after: keyText,
})
export type NextFrame = Infer<typeof next>

/**
 * The join is complete and its rows are those of `at`, which is the socket's position. `replace`: the staged rows are the whole set;
 * otherwise they are merged into the rows held at `since`.
 */
const joined = struct({
  type: oneOf('joined'),
  join: count(),
  at: position,
  replace: flag(),
  shape: text(64),
  /** The key column. */
  key: text(256),
  /** Kinds of the columns that have one. */
  kinds,
  /** Of a window: where it ends. A window joins in one answer; what did not fit into it is asked for with `page`. */
  boundary: optional(boundary),
})
export type JoinedFrame = Infer<typeof joined>

/** A joined subscription must start over with a new join; its rows stay visible until then. */
const restart = struct({ type: oneOf('restart'), sub: count(), reason: restartReason })
export type RestartFrame = Infer<typeof restart>

/**
 * A page of a window, read at the socket's position, and the window's new boundary. It may have fewer rows than were asked for: its bytes
 * are bounded. Then the boundary is not null, and the client asks again.
 */
const pageAnswer = struct({ ...blockFields, type: oneOf('page'), request: count(), boundary })
export type PageAnswerFrame = Infer<typeof pageAnswer>

/** What is refused: a join, a page, one client id's numbers from `n` on, credentials, or a frame that said nothing else. */
const refusedFields = { type: oneOf('refused'), code: refusalCode, message: text(4096) }
const refusedJoin = struct({ ...refusedFields, re: oneOf('join'), join: count() })
const refusedSubscription = struct({ ...refusedFields, re: oneOf('subscription'), sub: count() })
const refusedPage = struct({ ...refusedFields, re: oneOf('page'), request: count() })
const refusedPush = struct({
  ...refusedFields,
  re: oneOf('push'),
  cid: idText,
  n: count(),
  /** With `gap`: the number the server waits for. */
  expected: optional(count()),
})
const refusedFrame = struct({ ...refusedFields, re: oneOf('frame') })
const refused = tagged<
  | Infer<typeof refusedJoin>
  | Infer<typeof refusedSubscription>
  | Infer<typeof refusedPage>
  | Infer<typeof refusedPush>
  | Infer<typeof refusedFrame>
>('re', {
  join: refusedJoin,
  subscription: refusedSubscription,
  page: refusedPage,
  push: refusedPush,
  frame: refusedFrame,
})
export type RefusedFrame = Infer<typeof refused>

/** The in-band credentials were accepted. */
const authed = struct({ type: oneOf('authed') })

/** Sent before a close, because close codes get lost: what the close means and how long to stay away. */
const goodbye = struct({
  type: oneOf('goodbye'),
  code: count(),
  message: text(4096),
  retryAfterMs: optional(count()),
})
export type GoodbyeFrame = Infer<typeof goodbye>

const ephemeral = struct({ type: oneOf('ephemeral'), topic: text(256), data: jsonValue })

const frames = {
  welcome,
  changes,
  chunk,
  next,
  joined,
  restart,
  page: pageAnswer,
  refused,
  authed,
  goodbye,
  ephemeral,
}
/** A frame as it travels. */
export type PackedServerFrame = { [K in keyof typeof frames]: Infer<(typeof frames)[K]> }[keyof typeof frames]
export const serverFrame = tagged<PackedServerFrame>('type', frames)

/** A frame as it is worked with. */
export type ServerFrame = Exclude<PackedServerFrame, PackedChanges> | ChangesFrame
