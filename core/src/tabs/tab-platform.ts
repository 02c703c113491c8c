/** What is used of `navigator.locks`. */
export interface Locks {
  request<T>(
    name: string,
    options: {
      readonly mode?: 'exclusive' | 'shared'
      readonly signal?: AbortSignal
      readonly steal?: boolean
      readonly ifAvailable?: boolean
    },
    run: (lock: object | null) => Promise<T>,
  ): Promise<T>
}

/** What is used of a `BroadcastChannel`. */
export interface PlatformChannel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  close(): void
}

/** What tabs share, as the platform provides it. Both may throw: pages of opaque origin have the names and are refused the use. */
export interface TabPlatform {
  /** Undefined where there are none: servers, pages that are neither https nor localhost. */
  readonly locks: () => Locks | undefined
  readonly channel: (name: string) => PlatformChannel | undefined
}

/** The platform's own, looked up when it is used. */
export function defaultTabPlatform(): TabPlatform {
  return {
    // Types say that it is always there.
    locks: () =>
      typeof navigator === 'undefined' ? undefined : (navigator as { readonly locks?: Locks }).locks,
    channel: (name) => (typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(name)),
  }
}
