import type { SqlBinding } from '@durable-sync/server'
import type { Param } from './control-verbs.ts'

/** The JavaScript value that a parameter of a control route stands for. A Date is none that may be bound: that is what it is for. */
export function bound(param: Param): SqlBinding {
  if (typeof param !== 'object' || param === null) return param
  if ('int' in param) return BigInt(param.int)
  if ('date' in param) return new Date(param.date) as unknown as SqlBinding
  return Uint8Array.from(param.hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
