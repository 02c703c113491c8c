import { expect, test } from 'vitest'
import { readDocument } from './code-blocks.ts'

const FRAMEWORKS = [
  ['react', /^```tsx react\n([\s\S]*?)^```$/m],
  ['vue', /^```vue\n([\s\S]*?)^```$/m],
  ['solid', /^```tsx solid\n([\s\S]*?)^```$/m],
  ['svelte', /^```svelte\n([\s\S]*?)^```$/m],
] as const

// There it is type-checked, and run.
test.each(FRAMEWORKS)('the list for %s is the one of its quick start', (framework, block) => {
  const [, code = ''] = block.exec(readDocument('README.md')) ?? []
  expect(code).toContain('useSyncedCollection')
  expect(readDocument(`adapters/${framework}/README.md`)).toContain(code)
})
