import { ulid } from 'ulid'

/** Who writes in this window. There is no password: this is a playground, and the server believes it. */
export interface Me {
  readonly id: string
  readonly name: string
}

const FIRST = [
  'Amber',
  'Brisk',
  'Calm',
  'Dusky',
  'Early',
  'Fern',
  'Gentle',
  'Hazel',
  'Indigo',
  'Juniper',
  'Keen',
  'Lucky',
]
const LAST = [
  'Badger',
  'Curlew',
  'Dormouse',
  'Finch',
  'Heron',
  'Lynx',
  'Marten',
  'Otter',
  'Plover',
  'Robin',
  'Stoat',
  'Wren',
]

const oneOf = (words: readonly string[]) => words[Math.floor(Math.random() * words.length)] ?? ''
const keyOf = (seat: number) => `durable-sync-playground:${seat}`
const EVERYBODY = 'durable-sync-playground:people'

function isMe(value: unknown): value is Me {
  const me = value as Partial<Me> | null
  return typeof me?.id === 'string' && typeof me.name === 'string'
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null')
  } catch {
    return null
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // A browser that forbids storage gets somebody new every time.
  }
}

/** Everybody who ever sat in this browser. */
function everybody(): Me[] {
  const known = read(EVERYBODY)
  return Array.isArray(known) ? known.filter(isMe) : []
}

const newId = () => ulid().toLowerCase()

/** Whoever sat here last, or somebody new. */
export function loadMe(seat: number): Me {
  const known = read(keyOf(seat))
  if (isMe(known)) return known
  const me = { id: newId(), name: `${oneOf(FIRST)} ${oneOf(LAST)}` }
  saveMe(seat, me)
  return me
}

/** I sit here, under this name. */
export function saveMe(seat: number, me: Me): void {
  write(keyOf(seat), me)
  write(EVERYBODY, [...everybody().filter(({ id }) => id !== me.id), me])
}

/** Whoever is called that in this browser, or somebody new. */
export function personCalled(name: string): Me {
  const same = (other: string) => other.toLowerCase() === name.toLowerCase()
  return everybody().find((person) => same(person.name)) ?? { id: newId(), name }
}

/** Calls `changed` when another tab says that somebody else sits here now. */
export function whenSomebodyElseSits(seat: number, me: Me, changed: () => void): void {
  addEventListener('storage', ({ key }) => {
    if (key === keyOf(seat) && loadMe(seat).id !== me.id) changed()
  })
}
