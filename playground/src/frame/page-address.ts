export const PAGES = ['chat', 'board', 'items'] as const
export type PageName = (typeof PAGES)[number]

const DEFAULT_ROOM = 'lobby'

/** What somebody typed, as the name of a room: lower case, hyphens for the rest. */
export function toRoomName(text: string): string {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  return name || DEFAULT_ROOM
}

/** Where somebody is: the page, the room, and which of this browser's people looks at it. */
export interface PageAddress {
  readonly page: PageName
  readonly room: string
  /** 1 for the usual one; a second window is somebody else, so that a conversation has two sides. */
  readonly seat: number
}

export function readAddress({ pathname, search }: { pathname: string; search: string }): PageAddress {
  const params = new URLSearchParams(search)
  const seat = Number(params.get('seat'))
  return {
    page: PAGES.find((page) => pathname === `/${page}`) ?? 'chat',
    room: toRoomName(params.get('room') ?? ''),
    seat: Number.isInteger(seat) && seat > 1 && seat < 100 ? seat : 1,
  }
}

/** The link to a room on a page for one of this browser's people. */
export function addressOf({ page, room, seat }: PageAddress): string {
  const params = new URLSearchParams({ room })
  if (seat > 1) params.set('seat', String(seat))
  return `/${page}?${params}`
}
