import { FILTERS, type Filter } from './board.ts'

export interface StatusFilterProps {
  readonly filter: Filter
  readonly setFilter: (filter: Filter) => void
}

export function StatusFilter({ filter, setFilter }: StatusFilterProps) {
  return (
    <fieldset className="filter">
      <legend className="visually-hidden">Show</legend>
      {FILTERS.map((one) => (
        <label key={one}>
          <input
            type="radio"
            name="filter"
            className="visually-hidden"
            checked={one === filter}
            onChange={() => setFilter(one)}
          />
          {one}
        </label>
      ))}
    </fieldset>
  )
}
