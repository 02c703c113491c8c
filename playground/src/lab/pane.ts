import { PAGES, type PageName, toRoomName } from '../frame/page-address.ts'
import { thisDevice } from './device.ts'

export const FRAMEWORKS = ['react', 'vue', 'solid', 'svelte'] as const
export type Framework = (typeof FRAMEWORKS)[number]

export const FRAMEWORK_NAMES: Readonly<Record<Framework, string>> = {
  react: 'React',
  vue: 'Vue',
  solid: 'Solid',
  svelte: 'Svelte',
}

/** One of the four views of the lab. It is a client of its own: its user and what it keeps are nobody else's. */
export interface Pane {
  readonly framework: Framework
  readonly page: PageName
  readonly room: string
  /** 1 for the usual one; another seat is another person with the same page. */
  readonly seat: number
  readonly user: { readonly id: string; readonly name: string }
}

/** `/vue/chat?room=lobby&seat=2`. Whatever is not said, or makes no sense, is React, chat, the lobby, and the first seat. */
export function readPane({ pathname, search }: { pathname: string; search: string }): Pane {
  const [, first, second] = pathname.split('/')
  const params = new URLSearchParams(search)
  const asked = Number(params.get('seat'))
  const framework = FRAMEWORKS.find((name) => name === first) ?? 'react'
  const seat = Number.isInteger(asked) && asked > 1 && asked < 100 ? asked : 1
  return {
    framework,
    page: PAGES.find((name) => name === second) ?? 'chat',
    room: toRoomName(params.get('room') ?? ''),
    seat,
    user: userAt(framework, seat),
  }
}

/** Two browsers have different people in the same panes. */
function userAt(framework: Framework, seat: number): Pane['user'] {
  const { id, family } = thisDevice()
  return {
    id: `lab-${framework}-${seat}-${id}`,
    name: `${FRAMEWORK_NAMES[framework]}${seat > 1 ? ` ${seat}` : ''} ${family}`,
  }
}

/** The address of a pane, with its usual seat left out. */
export function paneAddress({ framework, page, room, seat = 1 }: PaneAddress): string {
  const params = new URLSearchParams({ room })
  if (seat > 1) params.set('seat', String(seat))
  return `/${framework}/${page}?${params}`
}
export type PaneAddress = Pick<Pane, 'framework' | 'page' | 'room'> & { readonly seat?: number }

/** The one that this window shows. */
export const pane: Pane = readPane(location)
