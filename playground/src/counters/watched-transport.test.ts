import type { Transport, TransportListener } from '@durable-sync/core'
import { expect, test } from 'vitest'
import { positionIn, WatchedTransport } from './watched-transport.ts'

/** A transport that says what it is told to. */
function wired() {
  const attached: TransportListener[] = []
  const inner: Transport = {
    attach: (listener) => attached.push(listener),
    detach: (listener) => attached.splice(attached.indexOf(listener), 1),
    open: () => {},
    send: () => true,
    close: () => {},
  }
  const heard: string[] = []
  const listener: TransportListener = {
    onOpen: () => {},
    onMessage: (_, text) => heard.push(text),
    onClose: () => {},
  }
  const watched = new WatchedTransport(inner)
  watched.attach(listener, {} as Parameters<Transport['attach']>[1])
  return { watched, listener, heard, attached, say: (text: string) => attached[0]?.onMessage(1, text) }
}

test('what is received is passed on and counted in bytes', () => {
  const { watched, heard, say } = wired()
  say('pong')
  say('{"type":"authed","é":"€"}')
  expect(heard).toEqual(['pong', '{"type":"authed","é":"€"}'])
  expect(watched.received.bytes).toBe(4 + 28)
})

test('the position is that of the last complete changes', () => {
  const { watched, say } = wired()
  say('{"type":"changes","from":null,"to":"7.a.b"}')
  say('{"type":"joined","at":"8.a.b","to":"8.a.b"}')
  say('{"type":"changes","from":"7.a.b","to":"9.a.b","more":true}')
  expect(watched.received.position).toBe('7.a.b')
})

test('a listener that attaches again is the same one', () => {
  const { watched, listener, attached } = wired()
  watched.attach(listener, {} as Parameters<Transport['attach']>[1])
  expect(attached[1]).toBe(attached[0])
})

test('the listener that let go is let go of', () => {
  const { watched, listener, attached } = wired()
  watched.detach(listener)
  expect(attached).toEqual([])
})

test('what is no frame has no position', () => {
  expect(positionIn('pong')).toBeUndefined()
})
