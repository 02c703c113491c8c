declare const process: { readonly env: { readonly NODE_ENV?: string } }

/**
 * Whether the code was bundled, or is run, for development. Bundlers write the answer in the place of `process.env.NODE_ENV`; where nobody did,
 * a browser has no `process`, and is told nothing. Whoever asks says `process.env.NODE_ENV === 'production'` once more beside it: by that a bundler
 * leaves the texts out of what it makes for production.
 */
export function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production'
  } catch {
    return false
  }
}
