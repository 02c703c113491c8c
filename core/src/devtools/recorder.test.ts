import { afterEach, expect, test, vi } from 'vitest'
import { insideOf, SyncClient } from '../client/sync-client.ts'
import { ScriptedServer } from '../client/testing/scripted-server.ts'
import type { SyncEvent } from '../observer/sync-event.ts'
import { createRecorder, type Recorder } from './recorder.ts'

const clients: SyncClient[] = []
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())))

/** A client of the recorder, and a way to say what it did. */
function recorded(recorder: Recorder) {
  const client = new SyncClient({ transport: new ScriptedServer(), observer: recorder.observer })
  clients.push(client)
  const of = insideOf(client).observed
  if (!of) throw new Error('nobody hears it')
  const frame = (text: string, way: 'in' | 'out' = 'in'): SyncEvent => ({
    type: 'frame',
    way,
    frame: 'changes',
    length: text.length,
    text,
    socket: 1,
    at: 0,
    client: of,
  })
  const moved = (position: string): SyncEvent => ({ type: 'position', position, at: 0, client: of })
  const texts = () =>
    recorder.events(client).flatMap(({ event }) => (event.type === 'frame' ? [event.text] : []))
  return { client, frame, moved, texts }
}

test('the last frames are held, and how much they were in all', () => {
  const recorder = createRecorder({ limit: 3 })
  const { client, frame, texts } = recorded(recorder)
  for (const text of ['a', 'bb', 'ccc', 'dddd']) recorder.observer(frame(text))
  recorder.observer(frame('xx', 'out'))
  expect(texts()).toEqual(['ccc', 'dddd', 'xx'])
  expect(recorder.totals(client)).toEqual({
    unitsIn: 10,
    framesIn: 4,
    unitsOut: 2,
    framesOut: 1,
    position: null,
  })
})

test('many frames do not push out what is rare', () => {
  const recorder = createRecorder({ limit: 3 })
  const { client, frame, moved } = recorded(recorder)
  recorder.observer(moved('1.a.o'))
  for (let n = 0; n < 10; n++) recorder.observer(frame(`${n}`))
  recorder.observer(moved('2.a.o'))
  expect(recorder.events(client).map(({ number, event }) => [number, event.type])).toEqual([
    [1, 'position'],
    [9, 'frame'],
    [10, 'frame'],
    [11, 'frame'],
    [12, 'position'],
  ])
  expect(recorder.totals(client).position).toBe('2.a.o')
})

test('of long texts only the newest are held, and the frames stay', () => {
  const recorder = createRecorder({ limit: 3, textLimit: 10 })
  const { frame, texts } = recorded(recorder)
  recorder.observer(frame('aaaaaa'))
  recorder.observer(frame('bbbb'))
  expect(texts()).toEqual(['aaaaaa', 'bbbb'])
  recorder.observer(frame('cc'))
  expect(texts()).toEqual([null, 'bbbb', 'cc'])
  recorder.observer(frame('d'.repeat(11)))
  expect(texts()).toEqual([null, null, null])
  recorder.observer(frame('e'.repeat(10)))
  expect(texts()).toEqual([null, null, 'e'.repeat(10)])
})

test('the texts of frames that have gone count no more', () => {
  const recorder = createRecorder({ limit: 2, textLimit: 10 })
  const { frame, texts } = recorded(recorder)
  for (const text of ['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee']) recorder.observer(frame(text))
  expect(texts()).toEqual(['dddd', 'eeee'])
})

test('clients are kept apart, also two of one room, and so is what is forgotten', () => {
  const recorder = createRecorder()
  const [one, other] = [recorded(recorder), recorded(recorder)]
  recorder.observer(one.frame('a'))
  recorder.observer(other.frame('b'))
  expect([one.texts(), other.texts()]).toEqual([['a'], ['b']])
  recorder.clear(one.client)
  expect([one.texts(), other.texts()]).toEqual([[], ['b']])
  expect(recorder.totals(one.client).unitsIn).toBe(1)
  recorder.observer(one.frame('c'))
  expect(recorder.events(one.client).map(({ number }) => number)).toEqual([2])
})

test('a client that another observer hears has no events', () => {
  const client = new SyncClient({ transport: new ScriptedServer() })
  clients.push(client)
  const recorder = createRecorder()
  expect(recorder.events(client)).toEqual([])
  expect(recorder.totals(client)).toMatchObject({ framesIn: 0, position: null })
})

test('who subscribes hears of every event until they no longer want to', () => {
  const recorder = createRecorder()
  const { client, frame } = recorded(recorder)
  const [first, second] = [vi.fn(), vi.fn()]
  const cancel = recorder.subscribe(first)
  recorder.subscribe(second)
  recorder.observer(frame('a'))
  recorder.clear(client)
  cancel()
  cancel()
  recorder.observer(frame('b'))
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([2, 3])
})
