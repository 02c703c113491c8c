import { availableParallelism, loadavg } from 'node:os'
import { deadline } from '../support/deadline.ts'

/** How long an answer may take on an idle machine, in milliseconds. */
const PROMPT_MS = 1000

/** A busy machine is given as many times more as it has more to do than it can. */
const busyness = () => Math.max(1, (loadavg()[0] ?? 1) / availableParallelism())

/** `promise`, which must not take longer than an answer may. */
export const promptly = <T>(promise: Promise<T>, what: string): Promise<T> =>
  deadline(promise, PROMPT_MS * busyness(), what)
