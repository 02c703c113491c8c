import { expect, test } from 'vitest'
import { hottest } from './cpu-profile.ts'

const node = (id: number, functionName: string, url = '', lineNumber = -1) => ({
  id,
  callFrame: { functionName, url, lineNumber },
})

test('the hottest functions are those that most samples hit, also from several callers, and waiting is none of them', () => {
  const nodes = [
    node(1, '(idle)'),
    node(2, 'write', 'file:///bundle/main.mjs', 9),
    node(3, '(garbage collector)'),
    node(4, '', 'main.mjs', 4),
    node(5, 'write', 'file:///bundle/main.mjs', 9),
    node(6, 'read', 'main.mjs', 1),
  ]
  const samples = [1, 1, 1, 1, 1, 3, 3, 2, 5, 5, 4, 6]
  expect(hottest({ nodes, samples }, 2)).toEqual([
    { name: 'write main.mjs:10', share: 0.6 },
    { name: '(anonymous) main.mjs:5', share: 0.2 },
  ])
  expect(hottest({ nodes, samples: [1, 3] }, 2)).toEqual([])
})
