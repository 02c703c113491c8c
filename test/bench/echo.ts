import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Round trips of a message that the bare object only sends back, in milliseconds: the time that no design can save. */
export async function echoTimes(port: number, room: string, count: number): Promise<number[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/bare/${room}`, { perMessageDeflate: false })
  await once(socket, 'open')
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    const answered = once(socket, 'message')
    socket.send('echo')
    await answered
    times.push(performance.now() - start)
  }
  socket.close()
  return times
}
