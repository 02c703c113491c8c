import { and, eq, ilike, or, useLiveQuery } from '@tanstack/react-db'
import { useState } from 'react'
import type { Category } from '../../worker/items/registry.ts'
import { reasonOf } from '../frame/reason-of.ts'
import { VirtualList } from '../list/virtual-list.tsx'
import { ItemRow } from './item-row.tsx'
import { items } from './items.ts'

export interface CategoryItemsProps {
  readonly category: Category
  readonly all: readonly Category[]
  readonly setOpen: (category: string | undefined) => void
  readonly tell: (words: string) => void
}

/** The items of one category. These queries are all that is asked of the server: items of other categories are never sent. */
export function CategoryItems({ category, all, setOpen, tell }: CategoryItemsProps) {
  const [search, setSearch] = useState('')
  // A percent sign or an underscore in it stands for anything, as they do in every pattern.
  const pattern = `%${search.trim()}%`
  const { data: whole, isReady } = useLiveQuery({
    queryKey: ['items', category.id],
    query: (q) => q.from({ item: items }).where(({ item }) => eq(item.category, category.id)),
  })
  // What it asks for is a part of the above, which is here: it costs no subscription and no round trip.
  const { data: found } = useLiveQuery({
    queryKey: ['items', category.id, pattern],
    query: (q) =>
      q
        .from({ item: items })
        .where(({ item }) =>
          and(
            eq(item.category, category.id),
            or(ilike(item.name, pattern), ilike(item.description, pattern)),
          ),
        )
        .orderBy(({ item }) => item.name),
  })
  const move = (item: (typeof found)[number], to: Category) => {
    const write = items.update(item.id, (draft) => {
      draft.category = to.id
    })
    tell(`“${item.name}” is in ${to.name} now.`)
    write.isPersisted.promise.catch((error: unknown) => tell(reasonOf(error)))
  }
  return (
    <>
      <div className="toolbar">
        <button type="button" className="link back" onClick={() => setOpen(undefined)}>
          All categories
        </button>
        <h2>{category.name}</h2>
        <input
          type="search"
          aria-label={`Search in ${category.name}`}
          placeholder="Search"
          data-testid="search"
          autoComplete="off"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <output data-testid="found">
          {search === '' ? `${whole.length} items` : `${found.length} of ${whole.length}`}
        </output>
      </div>
      <VirtualList
        label={category.name}
        rows={found}
        versionOf={(item) => item.category}
        render={(item) => <ItemRow item={item} all={all} move={(to) => move(item, to)} />}
        end={<p className="end">{endOf(isReady, found.length)}</p>}
      />
    </>
  )
}

const endOf = (isReady: boolean, found: number): string =>
  !isReady ? 'Loading…' : found === 0 ? 'Nothing here is like that.' : ''
