import { ConnectionError, type SyncError } from './errors.ts'

const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000

/** Whoever cannot do without a part. */
export interface PartUser {
  /** Runs `task` after `ms` milliseconds. */
  readonly later: (task: () => void, ms: number) => void
  /** The part could not be loaded; it is tried again. */
  readonly failed: (error: SyncError) => void
  /** Whether it is still needed. */
  readonly wants: () => boolean
}

/**
 * A part of the code that most pages do not need: a page loads it when it first does, once for all who need it. What failed to load is tried again by
 * whoever asks next, under the same address: Chromium 156 fetches it again (`test/offline/late-code.test.ts`). Browsers from before
 * the HTML standard was changed so in 2026 remember the failure for as long as the page lives, and a file that a newer version of the app has replaced never comes: there only the next page helps.
 */
export class LazyPart<Part> {
  readonly #import: () => Promise<Part>
  #there: Part | undefined
  #loading: Promise<Part> | undefined

  constructor(load: () => Promise<Part>) {
    this.#import = load
  }

  /** Undefined until it has been loaded. */
  get there(): Part | undefined {
    return this.#there
  }

  /** Whoever has brought it along in another way says so. */
  bring(part: Part): void {
    this.#there = part
    this.#loading = Promise.resolve(part)
  }

  /** In a page loads it before it is needed. Elsewhere nobody may ever need it. */
  begin(): void {
    if (typeof document === 'undefined') return
    this.load().catch(() => {
      // Whoever needs it tries again.
    })
  }

  /** @throws ConnectionError `code-not-loaded`, by rejecting. */
  load(): Promise<Part> {
    this.#loading ??= this.#load()
    return this.#loading
  }

  /** Calls `use` with it: now where it is there, else when it has been loaded, however often that has to be tried. */
  whenThere(use: (part: Part) => void, user: PartUser, retryMs = FIRST_RETRY_MS): void {
    const { there } = this
    if (there !== undefined) use(there)
    else
      this.load().then(
        (part) => {
          if (user.wants()) use(part)
        },
        (error: SyncError) => {
          if (!user.wants()) return
          user.failed(error)
          const again = () => {
            if (user.wants()) this.whenThere(use, user, Math.min(2 * retryMs, LAST_RETRY_MS))
          }
          user.later(again, retryMs)
        },
      )
  }

  async #load(): Promise<Part> {
    try {
      this.#there ??= await this.#import()
      return this.#there
    } catch (cause) {
      this.#loading = undefined
      throw notLoaded(cause)
    }
  }
}

export const notLoaded = (cause?: unknown): ConnectionError =>
  new ConnectionError(
    'code-not-loaded',
    'A part of the code could not be loaded; it is tried again. If it stays away, load the page again',
    { cause },
  )
