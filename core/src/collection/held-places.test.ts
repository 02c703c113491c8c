import { describe, expect, it } from 'vitest'
import type { OrderTerm, Place } from '../wire/index.ts'
import { HeldPlaces } from './held-places.ts'

const BY_VOTES: readonly OrderTerm[] = [{ column: 'votes', descending: true, nulls: 'last', text: 'binary' }]

/** The keys of the first rows, and how many there are, as a cut tells them. */
function keysOf(places: HeldPlaces): readonly string[] {
  const rest = places.cut(1)
  return rest ? [String(rest.last.at(-1)), ...rest.keys] : []
}

describe('the places of a window', () => {
  it('are in its order, ties by key, however the rows came and moved', () => {
    const places = new HeldPlaces(BY_VOTES)
    const put = (key: string, votes: number | null) => places.put(key, [votes, key], null)
    for (const [key, votes] of [
      ['c', 1],
      ['a', 5],
      ['b', 5],
      ['n', null],
      ['d', 9],
    ] as const)
      put(key, votes)
    put('c', 7)
    put('c', 6)
    put('d', 9)
    places.drop('a')
    places.drop('unknown')
    expect(keysOf(places)).toEqual(['d', 'c', 'b', 'n'])
  })

  it('are refused beyond the boundary, and what stands there already stays as it is', () => {
    const places = new HeldPlaces(BY_VOTES)
    const end: Place = [5, 'm']
    expect(places.put('m', [5, 'm'], end)).toBe(true)
    expect(places.put('a', [5, 'a'], end)).toBe(true)
    expect(places.put('z', [5, 'z'], end)).toBe(false)
    expect(places.put('a', [4, 'a'], end)).toBe(false)
    expect(keysOf(places)).toEqual(['a', 'm'])
  })

  it('are cut to a size, unless there are no more', () => {
    const places = new HeldPlaces(BY_VOTES)
    for (let i = 0; i < 5; i++) places.put(`k${i}`, [i, `k${i}`], null)
    expect(places.cut(5)).toBeUndefined()
    expect(places.cut(3)).toEqual({ keys: ['k1', 'k0'], last: [2, 'k2'] })
    expect(places.cut(3)).toBeUndefined()
  })
})
