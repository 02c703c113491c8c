import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { doCollectionOptions, WebSocketTransport } from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type RunningWorker, startWorker } from '../support/workerd.ts'
import { codeBlocks, root } from './code-blocks.ts'

interface Message {
  id: string
  author: string
  content: string
  created_at: number
}

const folder = join(root, 'test/dist/readme-quick-start')
let worker: RunningWorker
beforeAll(async () => {
  const block = codeBlocks('README.md').find(({ file }) => file === 'worker.ts')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'worker.ts'), block?.code ?? '')
  worker = await startWorker({ script: join(folder, 'worker.ts'), objects: { SESSION: 'SessionDO' } })
})
afterAll(async () => {
  await worker.stop()
  rmSync(folder, { recursive: true, force: true })
})

// Node 20 has no WebSocket of its own; a browser needs neither the option nor the package.
const open = (userId: string) => {
  const transport = new WebSocketTransport({
    url: `ws://127.0.0.1:${worker.port}/sync/lobby`,
    getToken: () => userId,
    WebSocket,
  })
  return createCollection(doCollectionOptions<Message>({ transport, table: 'messages', getKey: (m) => m.id }))
}

test("the README's object and Worker serve the README's collection", async () => {
  const ada = open('ada')
  const ben = open('ben')
  await Promise.all([ada.preload(), ben.preload()])
  const row = { id: '01', author: 'ada', content: 'hello', created_at: Date.now() }
  await ada.insert(row).isPersisted.promise
  await vi.waitFor(() => expect(ben.get('01')).toMatchObject(row), { timeout: 5000 })
  const forged = ben.insert({ ...row, id: '02' })
  await expect(forged.isPersisted.promise).rejects.toMatchObject({
    name: 'MutationRejectedError',
    code: 'denied',
  })
  expect(ben.has('02')).toBe(false)
  await Promise.all([ada.utils.client.close(), ben.utils.client.close()])
})
