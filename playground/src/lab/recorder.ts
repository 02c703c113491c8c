/** The shape of what `@durable-sync/core/devtools` records, until it is there. */
export interface Recorder {
  readonly observer: (event: unknown) => void
}

export const createRecorder = (_options: { readonly limit: number }): Recorder => ({ observer: () => {} })
