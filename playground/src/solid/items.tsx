import { usePendingWrites, useReadable, useSyncClient, useSyncedCollection } from '@durable-sync/solid'
import { and, eq, ilike, useLiveQuery } from '@tanstack/solid-db'
import { createMemo, createSignal, For, onCleanup, onMount, Show } from 'solid-js'
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
  const [open, setOpen] = createSignal<string>()
  const [search, setSearch] = createSignal('')
  const [notice, tell] = createSignal('')
  const client = useSyncClient<ItemsApi>()
  // All twelve, always: they say how many items they have.
  const categories = useSyncedCollection(() => ({ table: 'categories' }), client)
  // Only what the queries below ask for: items of categories that are not open are never sent.
  const items = useSyncedCollection(() => ({ table: 'items', syncMode: 'on-demand' }), client)
  const all = useLiveQuery((q) => q.from({ category: categories() }).orderBy(({ category }) => category.name))
  const whole = useLiveQuery((q) =>
    open() === undefined
      ? undefined
      : q.from({ item: items() }).where(({ item }) => eq(item.category, open())),
  )
  // A part of the above, which is here: it costs no round trip.
  const found = useLiveQuery((q) =>
    open() === undefined
      ? undefined
      : q
          .from({ item: items() })
          .where(({ item }) => and(eq(item.category, open()), ilike(item.name, searchPattern(search()))))
          .orderBy(({ item }) => item.name),
  )
  const held = useReadable(() => heldRows(items()), 0)
  const writes = usePendingWrites()
  const pending = createMemo(() => pendingKeys(writes(), 'items'))
  const total = () => all().reduce((sum, category) => sum + category.items, 0)
  const result = () => ({
    search: search(),
    found: found().length,
    whole: whole().length,
    isReady: whole.isReady,
  })

  let list!: HTMLElement
  onMount(() => onCleanup(keepFocus(list)))

  const toggle = (id: string) => {
    setOpen(id === open() ? undefined : id)
    setSearch('')
  }
  const move = ({ id, name }: Item, to: string) => {
    items().update(id, (item) => {
      item.category = to
    })
    tell(`“${name}” is in ${categories().get(to)?.name} now.`)
  }

  return (
    <main class="pane items">
      <header class="head">
        <h1>{pane.room}</h1>
        <p class="who">You are {pane.user.name}</p>
        <StatusLine unit="change" />
      </header>
      <div class="tools">
        <p>{all().length} categories</p>
        <p class="held" data-testid="held" data-count={held()}>
          {held()} of {total()} items are here
        </p>
      </div>
      <Refused />
      <section ref={list} class="scroll" aria-label="Categories" tabIndex={-1}>
        <ul>
          <For each={all()}>
            {(category) => (
              <li class="category" data-testid="category" data-id={category.id}>
                <button
                  type="button"
                  class="open"
                  aria-expanded={category.id === open()}
                  onClick={() => toggle(category.id)}
                >
                  {category.name} <span class="count">{category.items}</span>
                </button>
                <Show when={category.id === open()}>
                  <div class="inside">
                    <p class="search">
                      <input
                        type="search"
                        aria-label={`Search in ${category.name}`}
                        placeholder="Search"
                        data-testid="search"
                        value={search()}
                        onInput={(event) => setSearch(event.currentTarget.value)}
                      />
                      <output data-testid="found">{foundWords(result())}</output>
                    </p>
                    <ul>
                      <For each={found().slice(0, ITEMS_SHOWN)}>
                        {(item) => (
                          <li
                            class="item"
                            data-testid="item"
                            data-id={item.id}
                            data-state={pending().has(item.id) ? 'pending' : 'confirmed'}
                          >
                            <p class="title">{item.name}</p>
                            <label class="status-of">
                              <span class="visually-hidden">Category of “{item.name}”</span>
                              <select
                                value={item.category}
                                onChange={(event) => move(item, event.currentTarget.value)}
                              >
                                <For each={all()}>{({ id, name }) => <option value={id}>{name}</option>}</For>
                              </select>
                            </label>
                          </li>
                        )}
                      </For>
                    </ul>
                    <p class="end">{endWords(result())}</p>
                  </div>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </section>
      <p class="notice" role="status" data-testid="notice">
        {notice()}
      </p>
    </main>
  )
}
