import { post } from '../support/post.ts'
import type { Side } from './side.ts'

/** The control route of one side's rooms. */
export const controlOf =
  (port: number, side: string): Side['control'] =>
  async (room, verb, args) => {
    const { status, text } = await post(port, `/control/${side}/${room}/${verb}`, JSON.stringify(args))
    if (status !== 200) throw new Error(`${verb} of ${room}: ${text}`)
    return JSON.parse(text)
  }
