const { transaction } = IDBDatabase.prototype
const { open } = IDBFactory.prototype

/** Makes the next `times` transactions that write fail to begin, as engines do whose process was lost. */
export function failToBegin(name: string, times: number): void {
  let left = times
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    if (given[1] === 'readwrite' && left-- > 0) throw new DOMException('made to fail', name)
    return transaction.apply(this, given)
  }
}

/** Makes the connection that is used next fail from then on, as engines do that have closed it under the page. */
export function breakConnection(name: string): void {
  let broken: IDBDatabase | undefined
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    broken ??= this
    if (this === broken) throw new DOMException('made to fail', name)
    return transaction.apply(this, given)
  }
}

/**
 * Makes transactions that write more than `bytes` of rows abort after all their requests have succeeded, as engines do at their quota.
 * Chromium cannot be made to enforce a quota.
 */
export function limitRows(bytes: number): void {
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    const made = transaction.apply(this, given)
    let written = 0
    const objectStore = made.objectStore.bind(made)
    made.objectStore = (name) => {
      const store = objectStore(name)
      for (const method of ['add', 'put'] as const) {
        const original = store[method].bind(store)
        store[method] = (value, key) => {
          if (typeof value === 'string') written += value.length
          return original(value, key)
        }
      }
      return store
    }
    made.commit = () => {
      if (written <= bytes) return IDBTransaction.prototype.commit.call(made)
      Object.defineProperty(made, 'error', { value: new DOMException('made to fail', 'QuotaExceededError') })
      made.abort()
    }
    return made
  }
}

/** Makes `open` never answer, until what is returned is called: then it answers all. */
export function hangOpen(): () => void {
  const waiting: (() => void)[] = []
  IDBFactory.prototype.open = function (this: IDBFactory, ...given) {
    const proxy = new EventTarget() as EventTarget & {
      result?: IDBDatabase
      error?: unknown
      transaction?: unknown
    }
    Object.setPrototypeOf(proxy, IDBOpenDBRequest.prototype)
    const target = new EventTarget()
    const own = proxy as unknown as IDBOpenDBRequest
    own.addEventListener = target.addEventListener.bind(target)
    own.removeEventListener = target.removeEventListener.bind(target)
    waiting.push(() => {
      const request = open.apply(this, given)
      for (const type of ['success', 'error', 'upgradeneeded', 'blocked']) {
        request.addEventListener(type, () => {
          for (const field of ['result', 'error', 'transaction'] as const) {
            Object.defineProperty(proxy, field, { get: () => request[field], configurable: true })
          }
          target.dispatchEvent(new Event(type))
        })
      }
    })
    return own
  }
  return () => {
    IDBFactory.prototype.open = open
    for (const go of waiting) go()
  }
}

/** The durabilities that transactions which write have asked for, from here on. */
export function watchDurability(): readonly string[] {
  const asked: string[] = []
  // Above other faults.
  const below = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    const made = below.apply(this, given)
    if (made.mode === 'readwrite' && this.name.startsWith('durable-sync/1/')) asked.push(made.durability)
    return made
  }
  return asked
}

/** The transactions from here on: what each may do, and with which stores. */
export function watchTransactions(): readonly string[] {
  const begun: string[] = []
  // Above other faults.
  const below = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    const made = below.apply(this, given)
    if (this.name.startsWith('durable-sync/1/')) begun.push(`${made.mode} ${[...made.objectStoreNames]}`)
    return made
  }
  return begun
}

/** Lets the next transaction that writes happen, and says that it was aborted: the process that did it was lost before it could tell. */
export function loseAnswer(): void {
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    const made = transaction.apply(this, given)
    if (made.mode === 'readwrite') {
      mend()
      made.addEventListener('complete', () => made.onabort?.(new Event('abort')))
      Object.defineProperty(made, 'oncomplete', { set: () => {} })
    }
    return made
  }
}

/** Calls `then` in the turn that has made the next transaction which writes, when that turn is otherwise over. */
export function afterNextTransaction(then: () => void): void {
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    mend()
    queueMicrotask(then)
    return transaction.apply(this, given)
  }
}

/** Stops the page for good at the `nth` commit of what it writes from here on: right before, or right after it was asked for. */
export function stopAtCommit(nth: number, moment: 'before' | 'after'): void {
  let commits = 0
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
    const made = transaction.apply(this, given)
    if (made.mode !== 'readwrite' || !/^durable-sync\/\d/.test(this.name)) return made
    made.commit = () => {
      const isIt = ++commits === nth
      // biome-ignore lint/suspicious/noDebugger: whoever attached a debugger sees it, and nothing else of the page runs.
      if (isIt && moment === 'before') debugger
      IDBTransaction.prototype.commit.call(made)
      // biome-ignore lint/suspicious/noDebugger: as above.
      if (isIt && moment === 'after') debugger
    }
    return made
  }
}

export function mend(): void {
  IDBDatabase.prototype.transaction = transaction
  IDBFactory.prototype.open = open
}
