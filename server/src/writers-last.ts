interface Hearer {
  /** Something that it wrote was decided. */
  readonly hasReceipts: boolean
}

/** In the order in which they are told: whoever gets receipts has shown what it wrote all along, the others are waiting for it. */
export function* writersLast<Socket extends Hearer>(sockets: Iterable<Socket>): Generator<Socket> {
  const writers: Socket[] = []
  for (const socket of sockets)
    if (socket.hasReceipts) writers.push(socket)
    else yield socket
  yield* writers
}
