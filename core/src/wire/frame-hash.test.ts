import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { clientFrame } from './client-frame.ts'
import { serverFrame } from './server-frame.ts'
import { MIN_SUPPORTED_VERSION, PROTOCOL_VERSION } from './version.ts'

/**
 * If this fails, the frames changed. Old peers may not understand them: raise PROTOCOL_VERSION, write its history line in
 * `version.ts`, decide about MIN_SUPPORTED_VERSION, and pin the new hash here.
 */
const PINNED = { version: 1, hash: '42ffe817001edfa3' }

test('the frames are those of the pinned version', () => {
  const hash = createHash('sha256')
    .update(JSON.stringify({ client: clientFrame.form, server: serverFrame.form }))
    .digest('hex')
    .slice(0, 16)
  expect({ version: PROTOCOL_VERSION, hash }).toEqual(PINNED)
  expect(MIN_SUPPORTED_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION)
})
