import { fingerprint } from '../fingerprint.ts'
import type { Action, Model } from './model.ts'
import { violation } from './properties.ts'
import type { State } from './state.ts'

export interface Found {
  /** States reached; all there are if `exhausted`. */
  readonly states: number
  readonly exhausted: boolean
  readonly broken: string | null
  /** The shortest way there. */
  readonly trace: readonly Action[]
}
export interface Bounds {
  readonly states?: number
}

/**
 * Breadth first over all states, so that the first trace found is a shortest one. States are known by a 53-bit
 * fingerprint of their text (at four million states the odds of one mix-up are under one in a thousand).
 * G is checked in its strong form: a state without a protocol step must be quiet, and the graph of protocol steps
 * alone has no cycle. Together: left alone, every run ends quiet.
 */
export const explore = (model: Model, { states = Infinity }: Bounds = {}): Found => {
  const ids = new Map<number, number>([[fingerprint(model.initial), 0]])
  const parents = new Numbers()
  const choices = new Numbers()
  const protocolEdges = new Numbers()
  parents.push(0)
  choices.push(0)
  const found = (more: Partial<Found>): Found => ({
    states: ids.size,
    exhausted: false,
    broken: null,
    trace: [],
    ...more,
  })
  const traceTo = (id: number): number[] => {
    const path: number[] = []
    for (let at = id; at > 0; at = parents.at(at)) path.push(choices.at(at))
    return path.reverse()
  }

  let level: State[] = [model.initial]
  let first = 0
  while (level.length > 0) {
    const below: State[] = []
    for (const [i, state] of level.entries()) {
      const id = first + i
      const steps = model.steps(state)
      const stuck = !steps.some((step) => step.byItself)
      const broken = violation(model, state, stuck)
      if (broken) return found({ broken, trace: replay(model, traceTo(id)) })
      for (const [choice, step] of steps.entries()) {
        if (step.broken) return found({ broken: step.broken, trace: replay(model, [...traceTo(id), choice]) })
        const print = fingerprint(step.next)
        let next = ids.get(print)
        if (next === undefined) {
          if (ids.size >= states) return found({})
          next = ids.size
          ids.set(print, next)
          parents.push(id)
          choices.push(choice)
          below.push(step.next)
        }
        if (step.byItself) {
          protocolEdges.push(id)
          protocolEdges.push(next)
        }
      }
    }
    first += level.length
    level = below
  }
  if (level.length > 0) return found({})
  const turning = onCycle(ids.size, protocolEdges)
  if (turning === null) return found({ exhausted: true })
  return found({ broken: 'G: protocol steps can go round for ever', trace: replay(model, traceTo(turning)) })
}

/** What these actions break, taken from the start; null if they cannot be taken, or break nothing. */
export const follow = (model: Model, trace: readonly Action[]): string | null => {
  let state = model.initial
  let broken: string | null = null
  for (const action of trace) {
    const wanted = JSON.stringify(action)
    const step = model.steps(state).find((each) => JSON.stringify(each.action) === wanted)
    if (!step) return null
    state = step.next
    broken = step.broken
  }
  const isStuck = !model.steps(state).some((step) => step.byItself)
  return broken ?? violation(model, state, isStuck)
}

/** The actions behind the choices, taken once more from the start. */
const replay = (model: Model, choices: readonly number[]): Action[] => {
  let state = model.initial
  return choices.map((choice) => {
    const step = model.steps(state)[choice]
    if (!step) throw new Error('a trace does not replay: a step depends on more than the state')
    state = step.next
    return step.action
  })
}

/** Takes away states without incoming edges until none is left to take; what stays is on a cycle or behind one. */
const onCycle = (states: number, edges: Numbers): number | null => {
  const incoming = new Int32Array(states)
  const start = new Int32Array(states + 1)
  for (let i = 0; i < edges.length; i += 2) {
    incoming[edges.at(i + 1)] = (incoming[edges.at(i + 1)] ?? 0) + 1
    start[edges.at(i) + 1] = (start[edges.at(i) + 1] ?? 0) + 1
  }
  for (let i = 0; i < states; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0)
  const fill = start.slice()
  const out = new Int32Array(edges.length / 2)
  for (let i = 0; i < edges.length; i += 2) {
    const from = edges.at(i)
    const slot = fill[from] ?? 0
    out[slot] = edges.at(i + 1)
    fill[from] = slot + 1
  }
  const free: number[] = []
  for (const [id, count] of incoming.entries()) if (count === 0) free.push(id)
  let taken = 0
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    taken++
    for (const to of out.subarray(start[id], start[id + 1])) {
      const left = (incoming[to] ?? 0) - 1
      incoming[to] = left
      if (left === 0) free.push(to)
    }
  }
  return taken === states ? null : incoming.findIndex((count) => count > 0)
}

/** A list of small integers that stays small. */
class Numbers {
  length = 0
  #held = new Int32Array(1024)
  push(n: number): void {
    if (this.length === this.#held.length) {
      const wider = new Int32Array(this.length * 2)
      wider.set(this.#held)
      this.#held = wider
    }
    this.#held[this.length++] = n
  }
  at(i: number): number {
    return this.#held[i] ?? 0
  }
}
