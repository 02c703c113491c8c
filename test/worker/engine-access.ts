import { SyncEngine } from '../../server/src/sync-engine.ts'

/**
 * The engine that `registerSync` starts. It is private to the object, and tests need its housekeeping, which otherwise comes by itself:
 * after a thousand changes, or after two days.
 */
export function engineStartedBy(registerSync: () => void): SyncEngine {
  const original = SyncEngine.prototype.register
  let started: SyncEngine | undefined
  SyncEngine.prototype.register = function (this: SyncEngine, ...args) {
    started = this
    Reflect.apply(original, this, args)
  }
  try {
    registerSync()
  } finally {
    SyncEngine.prototype.register = original
  }
  if (!started) throw new Error('registerSync started no engine')
  return started
}
