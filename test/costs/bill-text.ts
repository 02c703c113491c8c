import { table } from '../bench/markdown-table.ts'
import { APPLICATIONS } from './applications.ts'
import { AWAKE_MS, basics, bill, fullBill, type Month, usageOf } from './bill.ts'
import {
  BILLED,
  fullPrice,
  GB_OF_AN_OBJECT,
  PRICES,
  PRICES_AS_OF,
  priceBeyond,
  type Usage,
} from './prices.ts'
import type { UnitCosts } from './unit-costs.ts'

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
const amount = (value: number): string => (value > 0 && value < 10 ? value.toFixed(2) : whole(value))
const dollars = (value: number): string => `$${value.toFixed(2)}`

/** What one of each reads and writes, as it was counted. */
function countedTable(costs: UnitCosts): string {
  const lines: [string, { readonly read: number; readonly written: number }][] = [
    ['an insert alone in its turn', costs.insert],
    ['an insert in an array of 50', costs.insertOfMany],
    ['an update alone in its turn of one of 1,000 rows, with its share of the compaction', costs.update],
    ['a subscription, from its join to its end', costs.subscription],
    ['a row of a first load', costs.loadedRow],
    ['a row that changed while a client was away', costs.missedRow],
    [
      `a new room with ${costs.newRoom.tables} tables, which then has ${whole(costs.newRoom.bytes)} bytes`,
      costs.newRoom,
    ],
  ]
  return table(
    ['', 'rows read', 'rows written'],
    lines.map(([what, { read, written }]) => [what, String(read), String(written)]),
  )
}

const basicsTable = (costs: UnitCosts): string =>
  table(
    ['', 'requests', 'GB-s', 'rows read', 'rows written', 'dollars, nothing included'],
    basics(costs).map(([what, usage]) => [
      what,
      amount(usage.requests),
      amount(usage.duration),
      amount(usage.rowsRead),
      amount(usage.rowsWritten),
      dollars(fullBill(usage)),
    ]),
  )

/** How each amount comes about. */
function arithmetic(month: Month, costs: UnitCosts): Readonly<Record<keyof Usage, string>> {
  const { inserts, updates, connects, subscriptionsOfAClient, loadedRows, missedRows, connectedHours } = month
  const terms = (parts: readonly (readonly [count: number, each: number, what: string])[]): string =>
    parts
      .filter(([count, each]) => count > 0 && each > 0)
      .map(([count, each, what]) => `${whole(count)} ${what} × ${each}`)
      .join(' + ')
  const rows = (of: 'read' | 'written') =>
    terms([
      [inserts, costs.insert[of], 'inserts'],
      [updates, costs.update[of], 'updates'],
      [connects * subscriptionsOfAClient, costs.subscription[of], 'subscriptions'],
      [loadedRows, costs.loadedRow[of], 'loaded rows'],
      [missedRows, costs.missedRow[of], 'missed rows'],
    ])
  const messages = 1 + subscriptionsOfAClient
  const ping = month.heard === 'often' ? 45 : 25
  const turn = AWAKE_MS.turn + month.audience * AWAKE_MS.send
  return {
    requests: `${whole(connects)} connections × (1 + ${messages} ÷ 20) + ${whole(inserts + updates)} writes ÷ 20 + ${whole(connectedHours)} hours × 3,600 ÷ ${ping} pings ÷ 20`,
    duration: `(${whole(inserts + updates)} writes × ${turn.toFixed(2)} ms + ${whole(connects)} connections × ${AWAKE_MS.connect} ms) × ${GB_OF_AN_OBJECT} GB`,
    rowsRead: rows('read'),
    rowsWritten: rows('written'),
    stored: `${month.stored.toFixed(2)} GB`,
  }
}

function billTable(month: Month, costs: UnitCosts): string {
  const usage = usageOf(month, costs)
  const how = arithmetic(month, costs)
  const lines = BILLED.map((billed) => [
    PRICES[billed].name,
    how[billed],
    amount(usage[billed]),
    whole(PRICES[billed].included),
    dollars(priceBeyond(billed, usage[billed])),
    dollars(fullPrice(billed, usage[billed])),
  ])
  return table(
    ['', 'how', 'a month', 'included', 'beyond it', 'if nothing was included'],
    [...lines, ['**together**', '', '', '', `**${dollars(bill(usage))}**`, dollars(fullBill(usage))]],
  )
}

/** The part of PERFORMANCE.md that speaks of money. */
export function billText(costs: UnitCosts): string {
  const prices = table(
    ['', 'included in a month', 'beyond it'],
    BILLED.map((billed) => {
      const { name, included, dollars: price, per } = PRICES[billed]
      return [name, whole(included), `$${price} for ${whole(per)}`]
    }),
  )
  return [
    `Prices of the paid plan, ${PRICES_AS_OF}:`,
    prices,
    'Rows as they were counted, on a table `WITHOUT ROWID` and without indexes (each index adds a row written):',
    countedTable(costs),
    'So this much costs:',
    basicsTable(costs),
    ...APPLICATIONS.flatMap(({ name, assumes, month }) => [
      `### ${name}`,
      assumes.map((line) => `- ${line}`).join('\n'),
      billTable(month, costs),
    ]),
  ].join('\n\n')
}
