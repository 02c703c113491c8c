import type { PushItem, Receipt, RejectionCode } from '@durable-sync/core/wire'
import { expect, test } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import type { World } from '../support/world.ts'
import { enterNeighbour, type Neighbour } from './neighbour.ts'
import { promptly } from './promptly.ts'

/** A client that was welcomed and has a client id of its own, and what the object says to it. */
export interface Intruder {
  readonly client: RawClient
  readonly cid: string
  /** Pushes one item under the next number, and says what became of it. */
  readonly outcome: (
    item: { do: 'mutate'; ops: readonly unknown[] } | { do: 'call'; name: string; args: unknown },
  ) => Promise<Receipt['outcome']>
  /** The code of the socket's end, and of the goodbye before it, which must be the same. */
  readonly end: () => Promise<{ code: number; message: string }>
}

async function intrude(world: World, room: string, number: number): Promise<Intruder> {
  const client = await world.connect(room, { userId: 'mallory' })
  const cid = `intruder-${number}`
  await client.enter({ client: cid, cids: [{ cid, seen: 0 }] })
  let n = 0
  return {
    client,
    cid,
    outcome: async (item) => {
      n++
      const { outcomes } = await client.settle({ cid, n, ...item } as PushItem)
      const [receipt] = outcomes
      if (!receipt) throw new Error('no receipt')
      return receipt.outcome
    },
    end: () => endOf(client),
  }
}

export async function endOf(client: RawClient): Promise<{ code: number; message: string }> {
  const { code, message } = await client.next('goodbye')
  expect((await client.ended()).code).toBe(code)
  return { code, message }
}

export const rejected = (code: RejectionCode) => expect.objectContaining({ is: 'rejected', code })

/** Tests of bad input in one room: each is answered within a second, and a neighbour writes on after it. */
export function intrusions(world: () => World, room: string) {
  let neighbour: Promise<Neighbour> | undefined
  let count = 0
  return (name: string, act: (intruder: Intruder) => Promise<void>): void => {
    test(name, async () => {
      neighbour ??= enterNeighbour(world(), room)
      const { write } = await neighbour
      const intruder = await intrude(world(), room, ++count)
      await promptly(act(intruder), 'an answer to bad input')
      intruder.client.drop()
      await write()
    })
  }
}
