import { vi } from 'vitest'
import type { LazyPart } from '../../lazy-part.ts'

/** `part` as a page has it whose code comes, or cannot be had, when the test says so. */
export function latePart<Part>(part: LazyPart<Part>) {
  const code = part.load()
  let there: Part | undefined
  Object.defineProperty(part, 'there', { configurable: true, get: () => there })
  const waiting: { resolve(part: Part): void; reject(error: unknown): void }[] = []
  const load = vi.spyOn(part, 'load')
  load.mockImplementation(() =>
    there ? code : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
  )
  return {
    arrive: async () => {
      there = await code
      for (const { resolve } of waiting.splice(0)) resolve(there)
    },
    fail: (error: unknown) => {
      for (const { reject } of waiting.splice(0)) reject(error)
    },
    asked: () => load.mock.calls.length,
  }
}
