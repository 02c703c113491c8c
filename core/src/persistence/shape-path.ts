import { extentOf, historyOf, type ShapeNode } from './shape-node.ts'

/** Leads from one state of a shape to another. */
export interface Step {
  readonly from: ShapeNode
  readonly to: ShapeNode
}

/**
 * The steps that lead furthest from `base`, in order. Tabs on sockets of their own leave steps of different lengths side by side, and a
 * restored object leaves steps of a history that is lost. One unbroken line is always the rows of its end, so one line is taken.
 * `steps` are sorted by the position they lead to.
 */
export function furthestPath<S extends Step>(base: ShapeNode, steps: readonly S[]): S[] {
  const from = new Map<string, S[]>()
  for (const step of steps) {
    const others = from.get(step.from.text)
    if (others) others.push(step)
    else from.set(step.from.text, [step])
  }
  const path: S[] = []
  for (let at = base; ; ) {
    path.push(...longestLine(at, from))
    const end = path.at(-1)?.to ?? base
    const next = steps.find((step) => overlaps(step, end))
    if (!next) return path
    path.push(next)
    at = next.to
  }
}

/** Steps that start exactly where the one before ended. */
function longestLine<S extends Step>(base: ShapeNode, from: ReadonlyMap<string, readonly S[]>): S[] {
  const arrivals = new Map<string, S | null>([[base.text, null]])
  const queue = [base]
  let best = base
  for (const node of queue) {
    for (const step of from.get(node.text) ?? []) {
      if (arrivals.has(step.to.text) || step.to.seq < node.seq) continue
      arrivals.set(step.to.text, step)
      queue.push(step.to)
      if (step.to.seq >= best.seq) best = step.to
    }
  }
  const line: S[] = []
  for (let step = arrivals.get(best.text); step; step = arrivals.get(step.from.text)) line.push(step)
  return line.reverse()
}

/**
 * The step starts before `at` and leads beyond it. Rows are states, not differences, so what it says twice does no harm, if both lie on
 * one line: the era that covers both `at` and the step's end was written by one instance, which has one history. A start in the
 * same era would not do: the era may have ended in between, on the other side of a restore.
 */
const overlaps = ({ from, to }: Step, at: ShapeNode): boolean =>
  from.seq <= at.seq &&
  at.seq < to.seq &&
  historyOf(to.position) === historyOf(at.position) &&
  extentOf(from) === extentOf(at)
