import { SyncProvider } from '@durable-sync/react'
import { useLiveQuery } from '@tanstack/react-db'
import { Counters } from '../counters/counters.tsx'
import { PageHeader } from '../frame/page-header.tsx'
import { useUnsentWarning } from '../frame/unsent-warning.ts'
import { useNotice } from '../frame/use-notice.ts'
import { CategoryItems } from './category-items.tsx'
import { CategoryList } from './category-list.tsx'
import { categories, client, items, transport } from './items.ts'
import { useOpenCategory } from './use-open-category.ts'
import './items.css'

export function Page() {
  return (
    <SyncProvider client={client}>
      <Items />
    </SyncProvider>
  )
}

const ITEMS = [items]

function Items() {
  const { data: all } = useLiveQuery({
    queryKey: ['categories'],
    query: (q) => q.from({ category: categories }).orderBy(({ category }) => category.name),
  })
  const [open, setOpen] = useOpenCategory()
  const [notice, tell] = useNotice()
  useUnsentWarning()
  const category = all.find(({ id }) => id === open)
  const count = all.reduce((sum, { items }) => sum + items, 0)
  return (
    <div className="page">
      <PageHeader
        unit="change"
        aside={<Counters collections={ITEMS} transport={transport} rows="Items" of={count} />}
        note="This window holds the items of the category that is open, and of no other."
      />
      <main className="shop" data-open={category !== undefined}>
        <CategoryList all={all} open={open} setOpen={setOpen} />
        <section className="room">
          {category ? (
            <CategoryItems key={category.id} category={category} all={all} setOpen={setOpen} tell={tell} />
          ) : (
            <div className="empty">
              <p className="lead">Nothing is open.</p>
              <p>Open a category: its items are loaded, and kept up to date until you open another.</p>
            </div>
          )}
          <p className="notice" role="status">
            {notice}
          </p>
        </section>
      </main>
    </div>
  )
}
