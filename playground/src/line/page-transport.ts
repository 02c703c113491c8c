import { WebSocketTransport } from '@durable-sync/core'
import { WatchedTransport } from '../counters/watched-transport.ts'
import { line } from './line.ts'
import { SwitchedTransport } from './switched-transport.ts'

/** The pipe of a page, counted and with a switch in it. An application hands its `WebSocketTransport` to the client as it is. */
export const pageTransport = (url: string): WatchedTransport =>
  new WatchedTransport(new SwitchedTransport(new WebSocketTransport({ url }), line))
