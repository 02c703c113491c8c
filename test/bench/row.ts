import type { RowCells } from './worker/room-verbs.ts'

/** A row of every workload: about 150 bytes as a JSON array. */
export interface Row {
  readonly id: string
  readonly author: string
  readonly content: string
  readonly created_at: number
}

const CONTENT_LENGTH = 100
/** So that rows differ as much as text does, and are the same in every run. */
const WORDS = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt'.split(
  ' ',
)

function content(seed: number): string {
  let text = ''
  let state = seed + 1
  while (text.length < CONTENT_LENGTH) {
    state = (state * 48_271) % 2_147_483_647
    text += `${WORDS[state % WORDS.length]} `
  }
  return text.slice(0, CONTENT_LENGTH)
}

/** Row number `i`: an id of 18 characters, an author of 8, a content of 100. */
export const rowAt = (i: number): Row => ({
  id: `row-${String(i).padStart(14, '0')}`,
  author: 'user-001',
  content: content(i),
  created_at: 1_780_000_000_000 + i,
})

/** Rows `from` to `from + count`, the last excluded. */
export const rowsFrom = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => rowAt(from + i))

export const cellsOf = ({ id, author, content, created_at }: Row): RowCells => [
  id,
  author,
  content,
  created_at,
]

export const rowOf = ([id, author, content, created_at]: RowCells): Row => ({
  id,
  author,
  content,
  created_at,
})
