import { here } from '../frame/here.ts'
import { sharedLine } from './line-switch.ts'

/** Between whoever sits here and the server. */
export const line = sharedLine(`durable-sync-playground:line:${here.seat}`)
