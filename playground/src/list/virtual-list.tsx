import { type FocusEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useGlide } from './use-glide.ts'
import { useViewport } from './use-viewport.ts'
import { visibleRows } from './visible-rows.ts'
import './virtual-list.css'

/** What is taken for the height of a row until one has been drawn, in pixels. */
const USUAL_HEIGHT = 64
/** How many rows before the end more are asked for. */
const NEAR_END = 25

export interface VirtualListProps<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  /** A row glows when this changes. */
  readonly versionOf: (row: Row) => unknown
  readonly render: (row: Row) => ReactNode
  /** The end is near. It is called again whenever there are more rows, as long as that stays so. */
  readonly onNearEnd?: () => void
  /** Stands after the last row. */
  readonly end?: ReactNode
}

/** A long list of rows of one height, of which only those near the viewport are in the document. */
export function VirtualList<Row extends { readonly id: string }>(props: VirtualListProps<Row>) {
  const { label, rows, versionOf, render, onNearEnd, end } = props
  const scroller = useRef<HTMLElement>(null)
  const list = useRef<HTMLOListElement>(null)
  const viewport = useViewport(scroller)
  const [focused, setFocused] = useState<string>()

  const height = list.current?.firstElementChild?.clientHeight || USUAL_HEIGHT
  const range = visibleRows(viewport, height, rows.length)
  useEffect(() => {
    if (range.end >= rows.length - NEAR_END) onNearEnd?.()
  }, [range.end, rows.length, onNearEnd])

  const drawn = rows
    .map((row, index) => ({ row, index }))
    // A row keeps the keyboard's focus wherever it goes.
    .filter(({ row, index }) => (index >= range.first && index < range.end) || row.id === focused)
  const focus = ({ target }: FocusEvent) => setFocused(target.closest('li')?.dataset.id)

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keys can only scroll what has the focus
    <section ref={scroller} className="scroller" aria-label={label} tabIndex={0}>
      <ol
        ref={list}
        className="rows"
        style={{ '--count': rows.length } as React.CSSProperties}
        onFocus={focus}
        onBlur={() => setFocused(undefined)}
      >
        {drawn.map(({ row, index }) => (
          <PlacedRow key={row.id} id={row.id} index={index} version={versionOf(row)}>
            {render(row)}
          </PlacedRow>
        ))}
      </ol>
      {end}
    </section>
  )
}

interface PlacedRowProps {
  readonly id: string
  readonly index: number
  readonly version: unknown
  readonly children: ReactNode
}

function PlacedRow({ id, index, version, children }: PlacedRowProps) {
  const row = useRef<HTMLLIElement>(null)
  useGlide(row, index, version)
  return (
    <li
      ref={row}
      className="row"
      data-testid="row"
      data-id={id}
      aria-posinset={index + 1}
      aria-setsize={-1}
      style={{ '--index': index } as React.CSSProperties}
    >
      {children}
    </li>
  )
}
