import { PAGES, type PageName, toRoomName } from '../frame/page-address.ts'

/** What the lab shows: a page in four frameworks, and the room that they are in. */
export interface Where {
  readonly page: PageName
  readonly room: string
}

export function readWhere(search: string): Where {
  const params = new URLSearchParams(search)
  return {
    page: PAGES.find((name) => name === params.get('page')) ?? 'chat',
    room: toRoomName(params.get('room') ?? ''),
  }
}

export const addressOfLab = ({ page, room }: Where): string => `/?${new URLSearchParams({ room, page })}`
