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

function isMe(value: unknown): value is Me {
  const me = value as Partial<Me> | null
  return typeof me?.id === 'string' && typeof me.name === 'string'
}

/** Whoever sat here last, or somebody new. A browser that forbids storage gets somebody new every time. */
export function loadMe(seat: number): Me {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(keyOf(seat)) ?? 'null')
    if (isMe(known)) return known
  } catch {}
  const me = { id: ulid().toLowerCase(), name: `${oneOf(FIRST)} ${oneOf(LAST)}` }
  saveMe(seat, me)
  return me
}

export function saveMe(seat: number, me: Me): void {
  try {
    localStorage.setItem(keyOf(seat), JSON.stringify(me))
  } catch {}
}
