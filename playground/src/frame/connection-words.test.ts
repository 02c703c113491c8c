import { AuthError, ConnectionError, type ConnectionStatus } from '@durable-sync/core'
import { expect, test } from 'vitest'
import { connectionWords } from './connection-words.ts'

const lost = new ConnectionError('socket-closed', 'The socket closed')
const WORDS: readonly (readonly [ConnectionStatus, string, string])[] = [
  [{ state: 'idle' }, 'Connecting…', 'Connecting…'],
  [{ state: 'connecting', attempt: 1 }, 'Connecting…', 'Connecting…'],
  [{ state: 'connected', since: 1 }, 'Live', 'Live'],
  [{ state: 'reconnecting', attempt: 1, cause: lost }, 'Reconnecting…', 'Reconnecting…'],
  [{ state: 'disconnected', attempt: 3, cause: lost }, 'Offline', 'Offline — 2 unsent messages'],
  [
    { state: 'needs-auth', cause: new AuthError('unauthorized', 'Who are you') },
    'Stopped',
    'Stopped — 2 unsent messages',
  ],
  [{ state: 'failed', cause: lost }, 'Stopped', 'Stopped — 2 unsent messages'],
  [{ state: 'closed' }, 'Closed', 'Closed'],
]

test.each(WORDS)('%o is said in words', (status, withNothingUnsent, withTwoUnsent) => {
  expect(connectionWords(status, 0, 'message')).toBe(withNothingUnsent)
  expect(connectionWords(status, 2, 'message')).toBe(withTwoUnsent)
})

test('one change is not changes', () => {
  const offline: ConnectionStatus = { state: 'disconnected', attempt: 3, cause: lost }
  expect(connectionWords(offline, 1, 'change')).toBe('Offline — 1 unsent change')
})
