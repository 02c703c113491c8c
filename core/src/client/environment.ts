/** Undoes what returned it. May be called twice. */
export type Cancel = () => void

/** What is used of `window` and `document`: an event target that can be let go of. */
export interface SignalTarget {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

export interface DocumentSignals extends SignalTarget {
  readonly visibilityState: string
}

/** A `WebSocket` class: the browser's, Node's, or that of the package `ws`. */
export type WebSocketConstructor = new (url: string) => object

/** What is used of `navigator.storage`. Engines have some of it, or nothing. */
export interface StorageManagerLike {
  persist?(): Promise<boolean>
  persisted?(): Promise<boolean>
  estimate?(): Promise<{ readonly usage?: number; readonly quota?: number }>
}

/**
 * `page`: somebody looks on, or a program runs for as long as it likes: a page, a browser's worker, React Native. `server`: pages are rendered
 * for others, and nobody is there when something happens later.
 */
export type Place = 'page' | 'server'

/** Everything the client takes from the world around it. Tests hand in their own. */
export interface Environment {
  readonly place: Place
  /** Milliseconds since 1970. It can jump. */
  readonly now: () => number
  /** Calls `run` once after `ms` milliseconds or later. In Node the wait keeps the process alive. */
  readonly after: (ms: number, run: () => void) => Cancel
  /** As `after`, but a Node process may exit before it is due. */
  readonly afterInBackground: (ms: number, run: () => void) => Cancel
  /** From 0, included, to 1, excluded. */
  readonly random: () => number
  /** A fresh identifier that nobody else has. */
  readonly randomId: () => string
  readonly fetch: (url: string, init: RequestInit) => Promise<{ readonly status: number }>
  /** The platform's WebSocket class, undefined where there is none. */
  readonly webSocket: () => WebSocketConstructor | undefined
  /** Where an error of somebody else's listener goes. */
  readonly reportError: (error: unknown) => void
  /** False only where the platform says for sure that there is no network. */
  readonly online: () => boolean
  /** The address of the page or worker, undefined where there is none. */
  readonly location: () => string | undefined
  /** Undefined where there is none: Node, Workers, pages that are neither https nor localhost. */
  readonly storageManager: () => StorageManagerLike | undefined
  /** Undefined where there is none: Node, Workers. */
  readonly window: SignalTarget | undefined
  /** Undefined where there is none: Node, workers of all kinds. */
  readonly document: DocumentSignals | undefined
}

/** A longer timeout overflows and fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

const startTimer = (ms: number, run: () => void) => setTimeout(run, Math.min(ms, LONGEST_TIMEOUT_MS))

/**
 * The platform's own. Every global is looked up when it is used and never stored, so that fake timers and polyfills installed later
 * are seen, and building this touches nothing: it is safe in the module scope of a Worker, where clocks and randomness are not.
 */
export function defaultEnvironment(): Environment {
  return {
    get place() {
      return placeHere()
    },
    now: () => Date.now(),
    after: (ms, run) => {
      const timer = startTimer(ms, run)
      return () => clearTimeout(timer)
    },
    afterInBackground: (ms, run) => {
      const timer = startTimer(ms, run)
      // Only Node's timers are objects.
      if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.()
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
    randomId,
    fetch: async (url, init) => fetch(url, init),
    webSocket: () => (typeof WebSocket === 'undefined' ? undefined : WebSocket),
    reportError: (error) => {
      if (typeof reportError === 'function') reportError(error)
      else console.error(error)
    },
    online: () => typeof navigator === 'undefined' || navigator.onLine !== false,
    location: () => (typeof location === 'undefined' ? undefined : location.href),
    // Types say that it is always there.
    storageManager: () =>
      typeof navigator === 'undefined'
        ? undefined
        : (navigator as { readonly storage?: StorageManagerLike }).storage,
    get window() {
      return windowSignals()
    },
    get document() {
      return typeof document === 'undefined' ? undefined : document
    },
  }
}

/** The same, for whoever is no server wherever it runs. */
export function asPage(environment: Environment): Environment {
  // Not a copy: globals are looked up when they are used.
  return Object.create(environment, { place: { value: 'page' } }) as Environment
}

/** Workers, Deno and others have the worker globals of a browser, and say who they are. */
const RUNTIMES = /^(?:Cloudflare-Workers|Node\.js|Deno|Bun)\b/

function placeHere(): Place {
  if (typeof document !== 'undefined') return 'page'
  const { userAgent = '', product } =
    typeof navigator === 'undefined' ? ({} as Partial<Navigator>) : navigator
  if (product === 'ReactNative') return 'page'
  const isWorker = 'WorkerGlobalScope' in globalThis && !RUNTIMES.test(userAgent)
  return isWorker ? 'page' : 'server'
}

/** `crypto.randomUUID` is missing on pages that are neither https nor localhost. */
function randomId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A browser's worker has no `window`, but its global scope hears `online` and `offline`; Workers and Node have no `onLine`. */
function windowSignals(): SignalTarget | undefined {
  if (typeof window !== 'undefined') return window
  const hearsNetwork = typeof navigator !== 'undefined' && typeof navigator.onLine === 'boolean'
  return hearsNetwork && typeof addEventListener === 'function' ? globalThis : undefined
}
