import { eq, useLiveQuery } from '@tanstack/react-db'
import type { LedgerRow } from '../../worker/chat/ledger.ts'
import { ledger, people } from './room.ts'

const COUNTS = ['written', 'applied', 'refused', 'lost', 'doubled'] as const
type Counts = Pick<LedgerRow, (typeof COUNTS)[number]>

const number = new Intl.NumberFormat()

/** What became of every message, as the room itself counts. */
export function Ledger() {
  const { data: rows } = useLiveQuery({
    query: (q) =>
      q
        .from({ row: ledger })
        .leftJoin({ person: people }, ({ row, person }) => eq(row.id, person.id))
        .orderBy(({ row }) => row.id)
        .select(({ row, person }) => ({ ...row, name: person?.name })),
  })
  const total = (count: keyof Counts) => rows.reduce((sum, row) => sum + row[count], 0)
  const isWhole = total('lost') === 0 && total('doubled') === 0
  return (
    <section className="card" aria-labelledby="ledger">
      <h2 id="ledger">The ledger of the chat</h2>
      <p
        className="claim"
        data-testid="claim"
        data-state={isWhole ? 'whole' : 'broken'}
        data-lost={total('lost')}
        data-doubled={total('doubled')}
      >
        Lost {number.format(total('lost'))}, doubled {number.format(total('doubled'))}.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys can only scroll what has the focus */}
      <section className="wide" aria-label="All writers" tabIndex={0}>
        <table data-testid="ledger">
          <thead>
            <tr>
              <th scope="col">Writer</th>
              {COUNTS.map((count) => (
                <th key={count} scope="col">
                  {count}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id} data-testid="ledger-row" data-id={row.id}>
                <th scope="row">{row.name ?? row.id}</th>
                <Cells of={row} />
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">All</th>
              <Cells
                of={{
                  written: total('written'),
                  applied: total('applied'),
                  refused: total('refused'),
                  lost: total('lost'),
                  doubled: total('doubled'),
                }}
              />
            </tr>
          </tfoot>
        </table>
      </section>
      <p className="small">
        Everybody numbers their messages in this room. The room counts the numbers that arrive: one that is
        missing below a higher one is lost, one that is applied twice is doubled. Break what you like.
      </p>
    </section>
  )
}

function Cells({ of: counts }: { of: Counts }) {
  return COUNTS.map((count) => (
    <td key={count} data-count={count}>
      {number.format(counts[count])}
    </td>
  ))
}
