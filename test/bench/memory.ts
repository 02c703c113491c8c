import { heapAfterCollection } from './collect-garbage.ts'
import type { Figure, Measurement, WorkloadContext } from './workload.ts'

export const CLIENT_HEAP: Figure = { name: 'memory of a client: its part of the heap', unit: 'MB' }
export const OBJECT_HEAP: Figure = { name: 'memory of the object: heap of its isolate', unit: 'MB' }
const RESIDENT: Figure = { name: 'memory of the object: growth of its process', unit: 'MB' }
const RESIDENT_PEAK: Figure = { name: 'memory of the object: the same at its highest', unit: 'MB' }

/** The process of the object also has what SQLite and the sockets take, and garbage. */
export const OBJECT_MEMORY: readonly Figure[] = [OBJECT_HEAP, RESIDENT, RESIDENT_PEAK]
/** Heaps are read after a collection, while all clients are connected. */
export const MEMORY: readonly Figure[] = [CLIENT_HEAP, ...OBJECT_MEMORY]

export const BYTES = 1e6

/**
 * Starts to measure, before the clients are made. The returned function says what is held since then, so it is called while they are
 * connected and after everything that is timed.
 */
export function memory(
  { server }: Pick<WorkloadContext, 'server'>,
  clients: number,
): () => Promise<Measurement> {
  const before = heapAfterCollection()
  return async () => ({
    [CLIENT_HEAP.name]: Math.max(0, heapAfterCollection() - before) / clients / BYTES,
    ...(await objectMemory(server)),
  })
}

/** Nothing for a side that says nothing of its server. */
export async function objectMemory(server: WorkloadContext['server']): Promise<Measurement> {
  if (!server) return {}
  const heap = await server.isolate.heap()
  const growth = server.growth()
  return {
    [OBJECT_HEAP.name]: heap / BYTES,
    ...(growth && { [RESIDENT.name]: growth.now / BYTES, [RESIDENT_PEAK.name]: growth.peak / BYTES }),
  }
}
