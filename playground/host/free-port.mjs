import { once } from 'node:events'
import { createServer } from 'node:net'

const HOW_FAR = 50

async function freePortAt(port) {
  const server = createServer()
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true })
    await once(server, 'listening')
    return server.address().port
  } catch (error) {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return undefined
    throw error
  } finally {
    await new Promise((done) => server.close(done))
  }
}

/** The first free port from `wanted` upwards; any free one when `wanted` is 0. */
export async function freePort(wanted) {
  for (let port = wanted; port < wanted + HOW_FAR && port <= 65_535; port++) {
    const free = await freePortAt(port)
    if (free !== undefined) return free
  }
  throw new Error(`No port is free between ${wanted} and ${wanted + HOW_FAR - 1}`)
}
