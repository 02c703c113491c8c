import { idText, jsonValue, keyText, position } from './cell.ts'
import { TOKEN_BYTES } from './limits.ts'
import { type PackedPush, packedPush } from './packed-push.ts'
import { boundary, place, predicate, windowSpec } from './predicate.ts'
import type { PushFrame } from './push-frame.ts'
import { count, flag, type Infer, list, nullable, oneOf, optional, struct, tagged, text } from './shape.ts'

/**
 * What a subscription shows. `shape` is the token under which the client holds its rows, or the chunks of an unfinished join; the server says
 * `restart` when it is no longer that.
 */
const specFields = {
  collection: text(256),
  where: optional(predicate),
  window: optional(windowSpec),
  shape: optional(text(64)),
}
const spec = struct(specFields)
export type SubscriptionSpec = Infer<typeof spec>

const helloSubscription = struct({
  ...specFields,
  /** The client's number for it, unique in the client's life. */
  id: count(),
  /** True: covered by the hello's `at`. False: it has not joined; it will ask with `join` after `live`. */
  joined: flag(),
  boundary: optional(boundary),
})
export type HelloSubscription = Infer<typeof helloSubscription>

const cidClaim = struct({
  cid: idText,
  /** Every outcome up to this number has reached the client and may be forgotten. */
  seen: count(),
})

/** The first frame of a socket, and nothing before its welcome. */
const hello = struct({
  type: oneOf('hello'),
  v: count(),
  /** One id per sender: a tab, or a leader's term. A newer socket with it closes older ones with 4409. */
  client: idText,
  cids: list(cidClaim),
  /** The position that covers exactly the joined subscriptions, or null when there are none. */
  at: nullable(position),
  subs: list(helloSubscription),
})
export type HelloFrame = Infer<typeof hello>

/** Declares further client ids on this socket; the last socket to declare one owns it. */
const open = struct({ type: oneOf('open'), cids: list(cidClaim) })

/** These client ids have no writes left and will never be used again. */
const retire = struct({ type: oneOf('retire'), cids: list(idText) })

/** Every outcome up to `seen` has arrived. */
const seen = struct({ type: oneOf('seen'), cids: list(cidClaim) })

/**
 * Asks for rows of one subscription. The first request of a join has neither `p0` nor `after`; the answer to it fixes `p0`. With
 * `since` (a position of this subscription's own) only what changed is sent. Every request is complete in itself, so an evicted
 * object needs no memory of a join.
 */
const join = struct({
  ...specFields,
  type: oneOf('join'),
  sub: count(),
  /** Unique on its socket. */
  join: count(),
  since: optional(position),
  p0: optional(position),
  /** From the `next` before: the position at which its rows were read. */
  read: optional(position),
  /** The key of the last row of the chunk before. */
  after: optional(keyText),
})
export type JoinFrame = Infer<typeof join>

const leave = struct({ type: oneOf('leave'), sub: count() })

/**
 * A further page of a joined window: the next `limit` rows of its filter after the place `after`, which is the window's boundary as the
 * client has it. Ties need no request of their own: the key is part of a place.
 */
const page = struct({ type: oneOf('page'), request: count(), sub: count(), after: place, limit: count() })
export type PageFrame = Infer<typeof page>

/** The window has shrunk to this boundary; rows beyond it are no longer wanted, and are ignored where they still arrive. */
const narrow = struct({ type: oneOf('narrow'), sub: count(), boundary: place })
export type NarrowFrame = Infer<typeof narrow>

/** New credentials for an open socket, through the same gate as the upgrade. */
const auth = struct({ type: oneOf('auth'), token: text(TOKEN_BYTES) })

/** Bytes received on this socket so far; sent once for about every megabyte. */
const ack = struct({ type: oneOf('ack'), bytes: count() })

/** Reserved for presence: passed on, never stored, never ordered with changes. */
const ephemeral = struct({ type: oneOf('ephemeral'), topic: text(256), data: jsonValue })

const frames = {
  hello,
  open,
  retire,
  seen,
  join,
  leave,
  push: packedPush,
  page,
  narrow,
  auth,
  ack,
  ephemeral,
}
/** A frame as it travels. */
export type PackedClientFrame = { [K in keyof typeof frames]: Infer<(typeof frames)[K]> }[keyof typeof frames]
export const clientFrame = tagged<PackedClientFrame>('type', frames)

/** A frame as it is worked with. */
export type ClientFrame = Exclude<PackedClientFrame, PackedPush> | PushFrame
