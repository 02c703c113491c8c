import type { Readable } from '@durable-sync/core'
import { createSubscriber } from 'svelte/reactivity'
import type { Current } from './current.ts'
import { type MaybeGetter, toValue } from './maybe-getter.ts'

/** One subscription for all effects that read the same. */
const followers = new WeakMap<Readable<unknown>, () => void>()

/** Runs the effect that calls it again after each change. */
function follow(readable: Readable<unknown>): void {
  let follower = followers.get(readable)
  if (!follower) {
    // Later: a live query begins to sync while Svelte derives it, when nothing may change.
    follower = createSubscriber((update) => readable.subscribe(() => queueMicrotask(update)))
    followers.set(readable, follower)
  }
  follower()
}

/** The value of a readable, followed by whatever effect reads it. `onServer` is the constant that a server renders, which follows nothing. */
export function useReadable<T>(readable: MaybeGetter<Readable<T>>, onServer: T): Current<T> {
  return {
    get current() {
      if (typeof document === 'undefined') return onServer
      const source = toValue(readable)
      follow(source)
      return source.get()
    },
  }
}
