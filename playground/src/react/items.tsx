import { usePendingWrites, useReadable, useSyncClient, useSyncedCollection } from '@durable-sync/react'
import { and, eq, ilike, useLiveQuery } from '@tanstack/react-db'
import { useEffect, useRef, useState } from 'react'
import type { Item, ItemsApi } from '../../worker/items/registry.ts'
import { pane } from '../lab/pane.ts'
import { heldRows } from '../pages/held-rows.ts'
import { endWords, foundWords, ITEMS_SHOWN, searchPattern } from '../pages/item-search.ts'
import { keepFocus } from '../pages/keep-focus.ts'
import { pendingKeys } from '../pages/pending-keys.ts'
import { Refused } from './refused.tsx'
import { StatusLine } from './status-line.tsx'
import '../pages/items.css'

export function Items() {
  const [open, setOpen] = useState<string>()
  const [search, setSearch] = useState('')
  const [notice, tell] = useState('')
  const client = useSyncClient<ItemsApi>()
  // All twelve, always: they say how many items they have.
  const categories = useSyncedCollection({ table: 'categories' }, client)
  // Only what the queries below ask for: items of categories that are not open are never sent.
  const items = useSyncedCollection({ table: 'items', syncMode: 'on-demand' }, client)
  const { data: all } = useLiveQuery((q) =>
    q.from({ category: categories }).orderBy(({ category }) => category.name),
  )
  const { data: whole = [], isReady } = useLiveQuery((q) =>
    open === undefined ? undefined : q.from({ item: items }).where(({ item }) => eq(item.category, open)),
  )
  // A part of the above, which is here: it costs no round trip.
  const { data: found = [] } = useLiveQuery((q) =>
    open === undefined
      ? undefined
      : q
          .from({ item: items })
          .where(({ item }) => and(eq(item.category, open), ilike(item.name, searchPattern(search))))
          .orderBy(({ item }) => item.name),
  )
  const held = useReadable(heldRows(items), 0)
  const pending = pendingKeys(usePendingWrites(), 'items')
  const result = { search, found: found.length, whole: whole.length, isReady }

  const list = useRef<HTMLElement>(null)
  useEffect(() => (list.current ? keepFocus(list.current) : undefined), [])

  const toggle = (id: string) => {
    setOpen(id === open ? undefined : id)
    setSearch('')
  }
  const move = ({ id, name }: Item, to: string) => {
    items.update(id, (item) => {
      item.category = to
    })
    tell(`“${name}” is in ${categories.get(to)?.name} now.`)
  }

  return (
    <main className="pane items">
      <header className="head">
        <h1>{pane.room}</h1>
        <p className="who">You are {pane.user.name}</p>
        <StatusLine unit="change" />
      </header>
      <div className="tools">
        <p>{all.length} categories</p>
        <p className="held" data-testid="held" data-count={held}>
          {held} of {all.reduce((sum, category) => sum + category.items, 0)} items are here
        </p>
      </div>
      <Refused />
      <section ref={list} className="scroll" aria-label="Categories" tabIndex={-1}>
        <ul>
          {all.map((category) => (
            <li key={category.id} className="category" data-testid="category" data-id={category.id}>
              <button
                type="button"
                className="open"
                aria-expanded={category.id === open}
                onClick={() => toggle(category.id)}
              >
                {category.name} <span className="count">{category.items}</span>
              </button>
              {category.id === open && (
                <div className="inside">
                  <p className="search">
                    <input
                      type="search"
                      aria-label={`Search in ${category.name}`}
                      placeholder="Search"
                      data-testid="search"
                      value={search}
                      onChange={(event) => setSearch(event.currentTarget.value)}
                    />
                    <output data-testid="found">{foundWords(result)}</output>
                  </p>
                  <ul>
                    {found.slice(0, ITEMS_SHOWN).map((item) => (
                      <li
                        key={item.id}
                        className="item"
                        data-testid="item"
                        data-id={item.id}
                        data-state={pending.has(item.id) ? 'pending' : 'confirmed'}
                      >
                        <p className="title">{item.name}</p>
                        <label className="status-of">
                          <span className="visually-hidden">Category of “{item.name}”</span>
                          <select
                            value={item.category}
                            onChange={(event) => move(item, event.currentTarget.value)}
                          >
                            {all.map(({ id, name }) => (
                              <option key={id} value={id}>
                                {name}
                              </option>
                            ))}
                          </select>
                        </label>
                      </li>
                    ))}
                  </ul>
                  <p className="end">{endWords(result)}</p>
                </div>
              )}
            </li>
          ))}
        </ul>
      </section>
      <p className="notice" role="status" data-testid="notice">
        {notice}
      </p>
    </main>
  )
}
