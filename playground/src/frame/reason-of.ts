/** An error in the words that its author chose. The library's own messages end in a link for developers. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/ \(https?:\/\/\S+\)$/, '')
