import type { Category } from '../../worker/items/registry.ts'
import type { items } from './items.ts'

export interface ItemRowProps {
  readonly item: (typeof items.toArray)[number]
  readonly all: readonly Category[]
  readonly move: (to: Category) => void
}

export function ItemRow({ item, all, move }: ItemRowProps) {
  const choose = (id: string) => {
    const to = all.find((one) => one.id === id)
    if (to) move(to)
  }
  return (
    <div className="item" data-state={item.$hasPendingWrites ? 'pending' : 'confirmed'}>
      <p className="title">{item.name}</p>
      <p className="description">{item.description}</p>
      <label className="status-of">
        <span className="visually-hidden">Category of “{item.name}”</span>
        <select value={item.category} onChange={(event) => choose(event.currentTarget.value)}>
          {all.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
