import { createCollection, createLiveQueryCollection } from '@tanstack/react-db'
import { expect, test } from 'vitest'
import { withIndexes } from './index.ts'

interface Task {
  readonly id: string
  readonly votes: number
}

const options = {
  getKey: ({ id }: Task) => id,
  syncMode: 'on-demand' as const,
  sync: {
    sync: ({ markReady }: { markReady: () => void }) => {
      markReady()
      return { loadSubset: () => true as const, unloadSubset: () => {} }
    },
  },
}

test('a collection has the index that an ordered window needs, without being told which [F1]', async () => {
  const tasks = createCollection(withIndexes(options))
  const top = createLiveQueryCollection((q) =>
    q
      .from({ t: tasks })
      .orderBy(({ t }) => t.votes, 'desc')
      .limit(3),
  )
  await top.preload()
  expect([...tasks.indexes.values()].map(({ expression }) => expression)).toMatchObject([{ path: ['votes'] }])
  await top.cleanup()
})
