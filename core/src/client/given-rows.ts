import { ProtocolError } from '../errors.ts'
import type { StoredShape } from '../persistence/room-storage.ts'
import { shapeKey } from '../stream/shape-key.ts'
import { decodeSnapshot, type Snapshot, type SubscriptionSpec } from '../wire/index.ts'

export interface GivenRowsSurroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Whose rows are kept on this device; undefined where nobody's are. */
  readonly user: string | undefined
  readonly report: (error: unknown) => void
}

/**
 * Rows that came with the page: each set is a shape at a position, as one that is kept on this device. Whoever shows them goes on from there,
 * so that it does no harm to show old ones for a moment.
 */
export class GivenRows {
  readonly #around: GivenRowsSurroundings
  readonly #shapes = new Map<string, StoredShape>()

  constructor(around: GivenRowsSurroundings) {
    this.#around = around
  }

  /** What cannot be used is reported and left out: the server has the rows as well. */
  add(given: unknown): void {
    try {
      const shape = this.#shapeOf(decodeSnapshot(given))
      this.#shapes.set(shape.key, shape)
    } catch (cause) {
      this.#around.report(cause instanceof ProtocolError ? cause : invalid(cause))
    }
  }

  /** Those of a subscription; undefined when none were given. */
  of(spec: SubscriptionSpec): StoredShape | undefined {
    return this.#shapes.get(shapeKey(spec))
  }

  forget(): void {
    this.#shapes.clear()
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
