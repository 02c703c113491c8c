import { deadline } from '../support/deadline.ts'

/** Nothing that is measured takes so long, unless it hangs. */
const PATIENCE_MS = 600_000

/** Everything at once, but not for ever. */
export const all = <T extends readonly unknown[]>(what: string, promises: [...T]) =>
  deadline(Promise.all(promises), PATIENCE_MS, what)
