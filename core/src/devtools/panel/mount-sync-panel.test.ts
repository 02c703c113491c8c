// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { todo } from '../../client/testing/todo-room.ts'
import type { Readable } from '../../status/readable.ts'
import { drawn, recordedRoom, shownPanel } from '../testing/shown-panel.ts'

const opened: { close(): Promise<void> }[] = []
beforeEach(() => void vi.useFakeTimers())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()))
  document.body.replaceChildren()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function open(name?: string) {
  const room = recordedRoom(name)
  opened.push(room.client)
  return room
}

/** A panel of a client that is connected and shows two todos. */
async function connected() {
  const room = open()
  room.todos.subscribeChanges(() => {})
  await drawn()
  return { ...room, ...shownPanel(room) }
}

const quiet = (write: { isPersisted: { promise: Promise<unknown> } }) =>
  void write.isPersisted.promise.catch(() => {})

describe('the facts', () => {
  test('are those of the client, also of the time before the panel was opened', async () => {
    const { fact, server, recorder, client, all, textOf } = await connected()
    expect(textOf(all('h3')[0])).toBe('Sync: lobby')
    expect(fact('Connection')).toMatch(/^connected for \d+ s$/)
    expect(fact('Position')).toBe(server.head)
    expect([fact('Tab'), fact('Storage')]).toEqual(['alone', 'memory (absent)'])
    const { unitsIn, framesIn } = recorder.totals(client)
    expect(framesIn).toBe(4)
    expect(fact('Received')).toBe(`${unitsIn} B in 4 frames`)
    expect(fact('Sent')).toMatch(/^\d+ B in 2 frames$/)
  })

  test('follow what happens', async () => {
    const { fact, server, client } = await connected()
    server.put('todos', { id: 'c', title: 'c', done: 0 })
    server.flush()
    await drawn()
    expect(fact('Position')).toBe(server.head)
    server.reaches = () => false
    server.drop()
    await drawn()
    expect(fact('Connection')).toMatch(/^(reconnecting|disconnected), attempt \d+: /)
    await client.close()
    await drawn()
    expect(fact('Connection')).toBe('closed')
  })

  test('say what is not recorded', async () => {
    const { client, todos } = open()
    todos.subscribeChanges(() => {})
    await drawn()
    const { fact, section, textOf } = shownPanel({ client })
    expect([fact('Position'), fact('Received'), fact('Sent')]).toEqual(Array(3).fill('not recorded'))
    expect(fact('Connection')).toMatch(/^connected/)
    expect(textOf(section('Timeline'))).toContain('make a recorder before the client')
  })
})

describe('writes', () => {
  test('are pending until they are confirmed', async () => {
    const { server, todos, items, section, textOf } = await connected()
    server.passes = () => false
    quiet(todos.insert(todo('c')))
    await drawn()
    expect(items('Pending writes')).toEqual([expect.stringMatching(/^insert todos c sent \d+ s$/)])
    server.release()
    await drawn()
    expect(items('Pending writes')).toEqual([])
    expect(textOf(section('Pending writes'))).toContain('Everything is confirmed.')
  })

  test('that failed say why, and can be tried again', async () => {
    const { server, todos, items, press } = await connected()
    const { run } = server
    server.run = () => ({ is: 'rejected', code: 'denied', message: '<img src=x> not you' })
    quiet(todos.insert(todo('c')))
    await drawn()
    // The style puts the parts apart.
    expect(items('Failed writes')).toEqual(['insert todos cdenied <img src=x> not youTry againDiscard'])
    press('Try again: insert todos c')
    await drawn()
    expect(items('Failed writes')).toHaveLength(1)
    server.run = run
    press('Try again: insert todos c')
    await drawn()
    expect(items('Failed writes')).toEqual([])
    expect(todos.has('c')).toBe(true)
  })

  test('that failed can be discarded, and the focus stays in the panel', async () => {
    const { server, client, todos, items, press, root, section } = await connected()
    server.run = () => ({ is: 'rejected', code: 'denied', message: 'no' })
    quiet(todos.delete('a'))
    await drawn()
    press('Discard: delete todos a')
    await drawn()
    expect([items('Failed writes'), client.failedWrites.get().count]).toEqual([[], 0])
    expect(root.activeElement).toBe(section('Failed writes').querySelector('h4'))
  })

  test('that cannot be discarded say so', async () => {
    const { server, client, todos, press, all } = await connected()
    server.run = () => ({ is: 'rejected', code: 'denied', message: 'no' })
    quiet(todos.delete('a'))
    await drawn()
    vi.spyOn(client, 'discardFailed').mockRejectedValue(new Error('the disk is full'))
    press('Discard: delete todos a')
    await drawn()
    expect(all('[role=alert]').map(({ textContent }) => textContent)).toEqual(['the disk is full'])
  })
})

describe('collections', () => {
  test('have their rows, and are gone when they are cleaned up', async () => {
    const { server, todos, rows } = await connected()
    expect(rows()).toEqual([['todostodos of lobbyeager', 'live', '2', '2', '1']])
    server.remove('todos', 'a')
    server.put('todos', { id: 'b', title: 'B', done: 1 })
    server.flush()
    await drawn()
    expect(rows()).toEqual([['todostodos of lobbyeager', 'live', '1', '3', '1']])
    await todos.cleanup()
    await drawn()
    expect(rows()).toEqual([])
  })
})

describe('an open panel', () => {
  test('has neither style elements nor style attributes, which a strict content policy forbids', async () => {
    const { all, root } = await connected()
    expect(all('style, [style], link, script')).toEqual([])
    expect(root.host.hasAttribute('style')).toBe(false)
  })

  test('shows one of several clients at a time, by its room', async () => {
    const [one, other] = [open('one'), open('other')]
    one.todos.subscribeChanges(() => {})
    await drawn()
    const panel = shownPanel({ clients: [one.client, other.client], recorder: one.recorder })
    const [choice] = panel.all<HTMLSelectElement>('select')
    expect([...(choice?.options ?? [])].map(({ text }) => text)).toEqual(['one', 'other'])
    expect(panel.fact('Connection')).toMatch(/^connected/)
    if (choice) choice.selectedIndex = 1
    choice?.dispatchEvent(new Event('change'))
    expect(panel.fact('Connection')).toBe('idle')
    expect(panel.all('.panel')).toHaveLength(1)
  })
})

describe('unmounting', () => {
  /** How many listen to `readable` since now. */
  function listening(readable: Readable<unknown>): () => number {
    let count = 0
    const { subscribe } = readable
    vi.spyOn(readable, 'subscribe').mockImplementation((onChange) => {
      const cancel = subscribe(onChange)
      count++
      let once = () => {
        count--
        once = () => {}
      }
      return () => {
        cancel()
        once()
      }
    })
    return () => count
  }

  test('leaves no node, timer or listener behind, also twice', async () => {
    const { client, recorder, todos } = open()
    todos.subscribeChanges(() => {})
    await drawn()
    const { status, tab, storage, pendingWrites, failedWrites } = client
    // The readable of the status is also the engine's own; nobody subscribes to it meanwhile.
    const counts = [status, tab, storage, pendingWrites, failedWrites].map(listening)
    const recorded = vi.spyOn(recorder, 'subscribe')
    const added = vi.spyOn(EventTarget.prototype, 'addEventListener')
    const timers = vi.getTimerCount()
    const panel = shownPanel({ client, recorder })
    quiet(todos.insert(todo('c')))
    await drawn()
    panel.check('Writes')
    const [pause] = panel.all<HTMLButtonElement>('button[aria-pressed]')
    pause?.click()
    expect(counts.map((count) => count())).toEqual([1, 1, 1, 1, 1])
    expect(vi.getTimerCount()).toBe(timers + 1)
    // All of its listeners are on nodes that go with it.
    const targets = added.mock.contexts.filter((target) => target === window || target === document)
    expect(targets).toEqual([])
    panel.unmount()
    panel.unmount()
    expect(panel.target.childNodes).toHaveLength(0)
    expect(counts.map((count) => count())).toEqual([0, 0, 0, 0, 0])
    expect(vi.getTimerCount()).toBe(timers)
    expect(recorded).toHaveBeenCalledTimes(1)
    // Who still has a button of it does not start it again.
    pause?.click()
    quiet(todos.insert(todo('d')))
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(timers)
  })
})
