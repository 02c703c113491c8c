import {
  digestKey,
  FRAME_TARGET_BYTES,
  type Position,
  packReceipts,
  type Receipt,
} from '@durable-sync/core/wire'
import type { DirtyRow } from './row-reader.ts'

/** What removals are hashed with: stable within an era, so that a client computes the digests of its keys once. */
export const saltOf = (position: Position): string => position.slice(position.indexOf('.'))

/**
 * Cuts changes into texts of about the frame size: `"cols":…,"up":[…],"del":[…]`, each complete in itself. With a salt removals are told
 * as digests, `"gone":[…]`: whoever never saw a row does not learn its key.
 */
export function cutBlocks(cols: string, rows: readonly DirtyRow[], salt: string | null = null): string[] {
  const blocks: string[] = []
  let up: string[] = []
  let removed: string[] = []
  let bytes = 0
  const end = () => {
    const del = salt === null ? `[${removed.join(',')}]` : `[],"gone":[${removed.join(',')}]`
    blocks.push(`"cols":${cols},"up":[${up.join(',')}],"del":${del}`)
    up = []
    removed = []
    bytes = 0
  }
  for (const { key, row } of rows) {
    const text = row ?? (salt === null ? JSON.stringify(key) : `${digestKey(salt, key)}`)
    if (bytes > 0 && bytes + text.length > FRAME_TARGET_BYTES) end()
    if (row === null) removed.push(text)
    else up.push(text)
    bytes += text.length + 1
  }
  if (bytes > 0) end()
  return blocks
}

/**
 * The `tables` objects of one pass, in order, each in one frame. Tables share a frame as long as they fit.
 */
export function cutPass(
  deltas: readonly { readonly table: string; readonly blocks: readonly string[] }[],
): string[] {
  const frames: string[] = []
  let tables: string[] = []
  let bytes = 0
  for (const { table, blocks } of deltas) {
    for (const block of blocks) {
      const text = `${JSON.stringify(table)}:{${block}}`
      const full = bytes > 0 && bytes + text.length > FRAME_TARGET_BYTES
      const twice = tables.some((other) => other.startsWith(`${JSON.stringify(table)}:`))
      if (full || twice) {
        frames.push(`{${tables.join(',')}}`)
        tables = []
        bytes = 0
      }
      tables.push(text)
      bytes += text.length
    }
  }
  frames.push(`{${tables.join(',')}}`)
  return frames
}

export interface Pass {
  readonly from: Position | null
  readonly to: Position
  /** `tables` objects; all but the last are sent with `more`. Never empty. */
  readonly frames: readonly string[]
  readonly live: boolean
}

/** The texts of a pass. Receipts and `live` ride on its last frame. */
export function passTexts({ from, to, frames, live }: Pass, receipts: readonly Receipt[]): string[] {
  const head = `{"type":"changes","from":${from === null ? 'null' : `"${from}"`},"to":"${to}"`
  return frames.map((tables, i) => {
    if (i < frames.length - 1) return `${head},"more":true,"tables":${tables}}`
    const settled = receipts.length > 0 ? `,"settled":${JSON.stringify(packReceipts(receipts))}` : ''
    return `${head}${live ? ',"live":true' : ''},"tables":${tables}${settled}}`
  })
}
