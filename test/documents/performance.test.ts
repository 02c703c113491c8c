import { expect, test } from 'vitest'
import { GROWTHS } from '../bench/growth/growth.ts'
import { fillBlock, merged, PARTS, type ResultFile, withResults } from '../bench/publish.ts'
import { resultOf } from '../bench/result.ts'
import { WORKLOADS } from '../bench/workloads.ts'
import { readDocument } from './code-blocks.ts'

const document = readDocument('PERFORMANCE.md')

/** The text between the marks of this name. */
const block = (text: string, name: string): string =>
  new RegExp(`<!-- ${name} -->\n([^]*?)<!-- /${name} -->`).exec(text)?.[1] ?? ''

const headings = (text: string): string[] => [...text.matchAll(/^### (\w+): /gm)].map(([, name = '']) => name)

test('PERFORMANCE.md has figures of every workload and every growth, and no placeholder', () => {
  expect(document).not.toMatch(/\{\{|TODO|TBD/)
  expect(headings(block(document, 'bench'))).toEqual(WORKLOADS.map(({ name }) => name))
  expect(headings(block(document, 'growth'))).toEqual(GROWTHS.map(({ name }) => name))
  expect(block(document, 'bench')).not.toContain('not measured')
})

const figures = [{ name: 'dial to all rows', unit: 'ms' }] as const
const file = (what: ResultFile['what'], results: ResultFile['results']): ResultFile => ({
  at: '2026-11-23T12:00:00.000Z',
  machine: { cpus: 2, cpu: 'A CPU', node: 'v20', load: [0.1, 0.2, 0.3] },
  size: 'full',
  compression: 'none',
  what,
  results,
})
const times = (product: number, floor: number) => ({
  product: { 'dial to all rows': product },
  floor: { 'dial to all rows': floor },
})

test('PERFORMANCE.md and the page of the peers say the same of them', () => {
  const [summary, full] = PARTS.peers.map((part) => block(readDocument(part.document), part.block))
  const measured = /Measured on .*/.exec(full ?? '')?.[0]
  expect(measured).toBeDefined()
  expect(summary).toContain(measured)
  expect(headings(full ?? '')).toEqual(['W2a', 'W2b', 'W3', 'W4', 'W5', 'W6', 'W7'])
})

test('results of a run take the place of those that were there, and nothing else changes', () => {
  const before = 'a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n<!-- growth -->\nold\n<!-- /growth -->\nc'
  const W4 = resultOf(
    { name: 'W4', figures },
    'a load',
    ['product', 'floor'],
    [times(30, 20), times(50, 20), times(31, 20)],
  )
  const [workloads, growth] = [...PARTS.workloads, ...PARTS.growth]
  if (!workloads || !growth) throw new Error('there is no such part')
  const filled = withResults(before, file('workloads', [W4]), workloads)
  expect(filled).toContain('2026-11-23: 2 × A CPU, Node v20, load average 0.1, 0.2, 0.3')
  expect(filled).toContain('| dial to all rows | ms | 31.0 (30.0–50.0) | 20.0 | 1.55 (1.50–2.50) |')
  // The median of the ratios is above the aim.
  expect(filled).toContain('| W4 | dial to all rows, ÷ floor | 1.50 | 1.55 | **no** |')
  const [head, rest = ''] = filled.split('<!-- bench -->')
  expect(head).toBe('a\n')
  expect(rest.split('<!-- /bench -->')[1]).toBe('\nb\n<!-- growth -->\nold\n<!-- /growth -->\nc')
  const sizes = [{ '1': { ...times(2, 0).product }, '100': { ...times(6, 0).product } }]
  const G1 = resultOf({ name: 'G1', figures }, 'a write', ['100', '1'], sizes)
  expect(withResults(before, file('growth', [G1]), growth)).toContain(
    '| figure (1 run) | unit | 1 | 100 | 100 ÷ 1 |\n|---|---|---|---|---|\n| dial to all rows | ms | 2.00 | 6.00 | 3.00 |',
  )
  expect(() => fillBlock('nothing', 'bench', '')).toThrow('<!-- bench -->')
})

test('several runs are put together: a workload that was run again has its newest figures, in the place it had', () => {
  const one = (name: string, product: number) =>
    resultOf({ name, figures }, 'a load', ['product', 'floor'], [times(product, 20)])
  const growth = file('growth', [one('G1', 1)])
  const [workloads, grown, ...more] = merged([
    file('workloads', [one('W1', 1), one('W2a', 2)]),
    growth,
    file('workloads', [one('W4', 4), one('W1', 11)]),
  ])
  expect(workloads?.results).toEqual([one('W1', 11), one('W2a', 2), one('W4', 4)])
  expect(grown).toEqual(growth)
  expect(more).toEqual([])
})
