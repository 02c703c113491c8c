declare const process: { readonly env: { readonly NODE_ENV?: string } }

/** Bundlers write the answer in the place of the question; without one there may be no `process`. */
export function isProduction(): boolean {
  try {
    return process.env.NODE_ENV === 'production'
  } catch {
    return false
  }
}
