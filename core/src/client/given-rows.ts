import { ProtocolError } from '../errors.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import { shapeKey } from '../stream/shape-key.ts'
import { decodeSnapshot } from '../wire/decode-snapshot.ts'
import type { Snapshot, SubscriptionSpec } from '../wire/index.ts'
import type { Cancel } from './environment.ts'

/** What came with the page is what a page shows at first; later it would be a step back. */
const GIVEN_MS = 10_000

export interface GivenRowsSurroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Whose rows are kept on this device; undefined where nobody's are. */
  readonly user: string | undefined
  /** Runs `task` after `ms` milliseconds, if anything still runs then. On a server never. */
  readonly later: (task: () => void, ms: number) => Cancel
  readonly report: (error: unknown) => void
}

interface Given {
  readonly shape: StoredShape
  readonly stopForgetting: Cancel
}

/**
 * Rows that came with the page: each set is a shape at a position, as one that is kept on this device. Whoever shows them goes on from there,
 * so that it does no harm to show old ones for a moment.
 */
export class GivenRows {
  readonly #around: GivenRowsSurroundings
  readonly #given = new Map<string, Given>()
  /** A component hands the same one over whenever it renders. */
  readonly #taken = new WeakSet<object>()

  constructor(around: GivenRowsSurroundings) {
    this.#around = around
  }

  /** What cannot be used is reported and left out: the server has the rows as well. */
  add(given: unknown): void {
    if (typeof given === 'object' && given !== null) {
      if (this.#taken.has(given)) return
      this.#taken.add(given)
    }
    try {
      const shape = this.#shapeOf(decodeSnapshot(given))
      const { key } = shape
      this.#forgetOne(key)
      const stopForgetting = this.#around.later(() => this.#forgetOne(key), GIVEN_MS)
      this.#given.set(key, { shape, stopForgetting })
    } catch (cause) {
      this.#around.report(cause instanceof ProtocolError ? cause : invalid(cause))
    }
  }

  /** Those of a subscription; undefined when none were given. */
  of(spec: SubscriptionSpec): StoredShape | undefined {
    return this.#given.get(shapeKey(spec))?.shape
  }

  forget(): void {
    for (const key of [...this.#given.keys()]) this.#forgetOne(key)
  }

  #forgetOne(key: string): void {
    this.#given.get(key)?.stopForgetting()
    this.#given.delete(key)
  }

  #shapeOf({
    collection,
    where,
    window,
    principal,
    shape,
    at,
    key,
    kinds,
    boundary,
    blocks,
  }: Snapshot): StoredShape {
    const { now, user } = this.#around
    if (user !== undefined && principal !== user)
      throw new ProtocolError(
        'snapshot-invalid',
        `The snapshot of "${collection}" has the rows of "${principal}", and "${user}" is signed in`,
      )
    const spec = { collection, ...(where ? { where } : {}), ...(window ? { window } : {}) }
    return {
      key: shapeKey(spec),
      spec,
      token: shape,
      keyColumn: key,
      kinds,
      onDemand: false,
      position: at,
      boundary: window ? (boundary ?? null) : undefined,
      blocks,
      usedAt: now(),
    }
  }
}

const invalid = (cause: unknown) =>
  new ProtocolError(
    'snapshot-invalid',
    `What \`hydrate\` was given is no snapshot: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  )
