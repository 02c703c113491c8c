import { describe, expect, it } from 'vitest'
import { digestKey } from '../wire/index.ts'
import { foldBlocks } from './fold-blocks.ts'

const SALT = '.a.room'

const block = (up: readonly (readonly [string, string])[], del: readonly string[] = []) => ({
  cols: ['v', 'id'],
  up,
  del,
})

const folded = (...blocks: ReturnType<typeof block>[]) => {
  const { up, del } = foldBlocks(blocks, 'id', SALT)
  return { up: [...up].map(([key, { cells }]) => `${key} ${cells[0]}`), del: [...del] }
}

describe('the net effect of blocks', () => {
  it('is the last version of each row', () => {
    expect(folded(block([['1', 'a']]), block([['2', 'a']]))).toEqual({ up: ['a 2'], del: [] })
  })

  it('has no row that a later block deletes', () => {
    expect(
      folded(
        block([
          ['1', 'a'],
          ['1', 'b'],
        ]),
        block([], ['a']),
      ),
    ).toEqual({ up: ['b 1'], del: ['a'] })
  })

  it('has a row that comes back after its delete', () => {
    expect(folded(block([], ['a']), block([['2', 'a']]))).toEqual({ up: ['a 2'], del: [] })
  })

  it('leaves out a row whose key is not text, and keeps the others', () => {
    const odd = {
      cols: ['v', 'id'],
      up: [
        ['1', null],
        ['2', 'b'],
      ],
      del: [],
    }
    expect([...foldBlocks([odd], 'id', SALT).up.keys()]).toEqual(['b'])
  })

  it('has no row whose digest comes later, and one that comes back after its digest', () => {
    const gone = { cols: ['v', 'id'], up: [], del: [], gone: [digestKey(SALT, 'a'), digestKey(SALT, 'b')] }
    const before = block([
      ['1', 'a'],
      ['1', 'c'],
    ])
    const { up } = foldBlocks([before, gone, block([['2', 'b']])], 'id', SALT)
    expect([...up.keys()]).toEqual(['c', 'b'])
  })
})
