import { expect, test } from 'vitest'
import { clientConditions } from '../../vite.shared.ts'
import { patchedBundle, type SourcePatch } from './source-patch.ts'

const file = 'core/src/wire/version.ts'
const bundled = (...patches: SourcePatch[]) =>
  patchedBundle({ entry: 'core/src/wire/index.ts', patches, platform: 'node', conditions: clientConditions })

test('a text of a source file is replaced in the bundle', async () => {
  const text = await bundled({ file, find: 'PROTOCOL_VERSION = 1', put: 'PROTOCOL_VERSION = 4711' })
  expect(text).toContain('PROTOCOL_VERSION = 4711')
})

test('a text that is not found fails loudly', async () => {
  await expect(bundled({ file, find: 'no such text', put: '' })).rejects.toThrow('has 0 times')
})

test('a text that is found twice fails loudly', async () => {
  await expect(bundled({ file, find: 'VERSION', put: '' })).rejects.toThrow(/has [2-9] times/)
})

test('a file that is not part of the bundle fails loudly', async () => {
  await expect(bundled({ file: 'core/src/errors.ts', find: 'x', put: '' })).rejects.toThrow('not part of')
})
