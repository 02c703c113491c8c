import { doCollectionOptions, SyncClient } from '@durable-sync/core'
import { createRecorder, mountSyncPanel } from '@durable-sync/core/devtools'
import { createTestServer } from '@durable-sync/core/testing'
import { createCollection } from '@tanstack/db'

interface Api {
  collections: { tasks: { row: { id: string; title: string }; key: 'id' } }
  commands: Record<never, never>
}

/** A page in which everything that a panel can show has happened. Says `ready` in its title, and takes the panel away on `leave`. */
async function main(): Promise<void> {
  const target = document.createElement('div')
  document.querySelector('main')?.append(target)
  const rows = Array.from({ length: 40 }, (_, i) => ({ id: `task-${i}`, title: `Task ${i}` }))
  const server = createTestServer<Api>({ collections: { tasks: { rows } } })
  const recorder = createRecorder()
  const client = new SyncClient<Api>({
    transport: server.transport(),
    keptAs: {
      endpoint: 'https://example.com/sync',
      room: 'a-room-with-a-rather-long-name-that-has-to-be-broken',
    },
    observer: recorder.observer,
  })
  const unmount = mountSyncPanel(target, { client, recorder })
  addEventListener('leave', unmount)
  const tasks = createCollection(doCollectionOptions({ client, table: 'tasks' }))
  await tasks.preload()
  await tasks.insert({ id: 'kept', title: 'Kept' }).isPersisted.promise
  server.rejectNext({ code: 'denied', message: 'You may not write into this list, which has a long reason' })
  await tasks.insert({ id: 'refused', title: 'Refused' }).isPersisted.promise.catch(() => {})
  server.hold()
  tasks.insert({ id: `held-${'x'.repeat(80)}`, title: 'Held' }).isPersisted.promise.catch(() => {})
  document.title = 'ready'
}

document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
  document.documentElement.dataset.violation = effectiveDirective
})
void main()
