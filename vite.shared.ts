import { defaultClientConditions, defaultServerConditions } from 'vite'

/** The private export condition that resolves a workspace package to its sources. Published code never sees it turned on. */
export const sourceCondition = '@durable-sync/source'
/** Vite replaces its default list by ours, so the defaults are repeated. */
export const clientConditions: string[] = [sourceCondition, ...defaultClientConditions]
export const serverConditions: string[] = [sourceCondition, ...defaultServerConditions]
/** For code that is bundled for workerd. */
export const workerConditions: string[] = [sourceCondition, 'workerd', 'worker']
/** Two copies of `@tanstack/db` break its `instanceof` checks. */
export const singleCopies: string[] = ['@tanstack/db', 'react', 'react-dom', 'vue', 'solid-js', 'svelte']

/** How every Node project of vitest resolves the workspace. */
export const sourceResolution = {
  resolve: { conditions: clientConditions, dedupe: singleCopies },
  ssr: { resolve: { conditions: serverConditions } },
}
