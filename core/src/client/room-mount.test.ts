import { expect, test } from 'vitest'
import type { StoredShape } from '../persistence/room-storage.ts'
import type { RowCommit, RowSink } from '../stream/row-commit.ts'
import type { HeldFrom } from '../stream/stream-event.ts'
import type { Keeping } from '../stream/stream-keeper.ts'
import type { Block, Position, SubscriptionSpec } from '../wire/index.ts'
import type { RoomLink } from './room-link.ts'
import { RoomMount } from './room-mount.ts'

const at = (seq: number) => `${seq}.n.o` as Position
const ROWS: Block = { cols: ['id'], up: [['a'], ['b']], del: [] }
const spec: SubscriptionSpec = { collection: 'notes' }
const ORDER = [{ column: 'id', descending: false, nulls: 'first', text: 'binary' }] as const
const windowed: SubscriptionSpec = { collection: 'notes', window: { order: [...ORDER], limit: 10 } }

const kept = (seq: number): StoredShape => ({
  key: 'notes/1',
  spec,
  token: 't',
  keyColumn: 'id',
  kinds: { done: 'boolean' },
  onDemand: false,
  position: at(seq),
  boundary: undefined,
  blocks: [ROWS],
  usedAt: 0,
})

/** One subscription, whose collection writes down what it is told. */
function opened(
  options: {
    readonly spec?: SubscriptionSpec
    readonly throws?: Error
    readonly leftOut?: Error
    readonly listener?: () => void
  } = {},
) {
  const told: string[] = []
  const commits: RowCommit[] = []
  const reported: unknown[] = []
  const sink: RowSink = {
    group: {
      apply: (parts) => {
        told.push('rows')
        commits.push(...parts.map(({ commit }) => commit))
        const measures = parts.map(({ commit }) => (commit.window ? { held: 2, cut: null } : null))
        const { throws, leftOut } = options
        if (leftOut) return { measures: [null], thrown: { error: leftOut, rows: 'left out' } }
        return { measures, thrown: throws && { error: throws } }
      },
    },
    ready: () => {
      told.push('ready')
      options.listener?.()
    },
    nothingKept: () => {
      told.push('nothing kept')
      options.listener?.()
    },
    refuse: () => {},
    state: () => {},
    closed: () => {},
  }
  const mount = new RoomMount({
    spec: options.spec ?? spec,
    sink,
    syncMode: 'on-demand',
    keeps: 'rows',
    report: (error) => void reported.push(error),
    ended: () => void told.push('ended'),
  })
  return { mount, told, commits, reported }
}

/** A link that writes down what is mounted on it; `held` is what it says of that later. */
function linked(held: HeldFrom | null = null) {
  const mounted: { spec: SubscriptionSpec; held: HeldFrom | null; keeping: Keeping }[] = []
  const told: string[] = []
  const link: Pick<RoomLink, 'mount'> = {
    mount: (spec, _, from, keeping) => {
      mounted.push({ spec, held: from, keeping })
      return {
        resize: (limit) => void told.push(`resize ${limit}`),
        end: () => void told.push('end'),
        held: () => held,
      }
    },
  }
  return { link: link as RoomLink, mounted, told }
}

const heldAt = (seq: number): HeldFrom => ({
  since: { position: at(seq), window: null },
  rows: { shape: 't', key: 'id', kinds: { done: 'boolean' } },
})

test('what is kept is shown and ready before the link is asked for what changed since', () => {
  const { mount, told, commits } = opened()
  const { link, mounted } = linked()
  mount.link(link, kept(5))
  expect(told).toEqual(['rows', 'ready'])
  expect(commits).toMatchObject([{ as: 'replace', blocks: [ROWS], at: at(5), key: 'id' }])
  expect(mounted).toEqual([{ spec, held: heldAt(5), keeping: { syncMode: 'on-demand', rows: 'kept' } }])
})

test('where nothing is kept the collection is told so once, and the link brings everything', () => {
  const { mount, told } = opened()
  const first = linked()
  mount.link(first.link, undefined)
  mount.loosen()
  const second = linked()
  mount.link(second.link, undefined)
  expect(told).toEqual(['nothing kept'])
  expect(first.mounted).toEqual([{ spec, held: null, keeping: { syncMode: 'on-demand', rows: 'none' } }])
  expect(second.mounted.length).toBe(1)
})

test('rows of a window are shown whole, and how many they are is known from then on', () => {
  const { mount, commits } = opened({ spec: windowed })
  const { link, mounted } = linked()
  mount.link(link, { ...kept(5), spec: windowed, boundary: ['b'] })
  expect(commits[0]?.window).toEqual({ boundary: ['b'], limit: Number.MAX_SAFE_INTEGER })
  expect(mounted[0]?.held?.since.window).toEqual({ boundary: ['b'], held: 2 })
})

test('a listener that throws when kept rows are shown is reported, and the rows go on', () => {
  const mistake = new Error('a listener')
  const { mount, reported } = opened({ throws: mistake })
  const { link, mounted } = linked()
  mount.link(link, kept(5))
  expect(reported).toEqual([mistake])
  expect(mounted[0]?.held).toEqual(heldAt(5))
})

test.each([
  ['kept rows are ready', kept(5), ['rows', 'ready']],
  ['nothing is kept', undefined, ['nothing kept']],
] as const)(
  'a listener that throws because %s is reported, and the link brings the rest',
  (_, stored, told) => {
    const mistake = new Error('a listener')
    const listener = () => {
      throw mistake
    }
    const linking = opened({ listener })
    const { link, mounted } = linked()
    linking.mount.link(link, stored)
    const showing = opened({ listener })
    showing.mount.show(stored)
    showing.mount.link(link, stored)
    for (const each of [linking, showing]) {
      expect(each.told.slice(0, told.length)).toEqual(told)
      expect(new Set(each.reported)).toEqual(new Set([mistake]))
    }
    expect(mounted.map(({ held }) => held)).toEqual(Array(2).fill(stored ? heldAt(5) : null))
  },
)

test('rows that are none of their collection are reported, and the link brings everything', () => {
  const mistake = new Error('another key')
  const linking = opened({ leftOut: mistake })
  const { link, mounted } = linked()
  linking.mount.link(link, kept(5))
  const showing = opened({ leftOut: mistake })
  showing.mount.showGiven(kept(5))
  showing.mount.show(kept(5))
  expect([linking.told, showing.told]).toEqual([
    ['rows', 'nothing kept'],
    ['rows', 'rows', 'nothing kept'],
  ])
  expect(linking.reported).toEqual([mistake])
  expect(mounted).toMatchObject([{ held: null, keeping: { rows: 'none' } }])
})

test('over another link what is shown goes on, and is not shown again', () => {
  const { mount, told } = opened()
  mount.link(linked(heldAt(5)).link, kept(5))
  mount.loosen()
  const { link, mounted } = linked()
  mount.link(link, kept(5))
  expect(told).toEqual(['rows', 'ready'])
  expect(mounted[0]).toMatchObject({ held: heldAt(5), keeping: { rows: 'kept' } })
})

test('what is kept elsewhere lies under what is shown, and is not shown', () => {
  const { mount, told } = opened()
  mount.link(linked(heldAt(7)).link, kept(5))
  mount.loosen()
  const { link, mounted } = linked()
  mount.link(link, kept(6))
  expect(told).toEqual(['rows', 'ready'])
  expect(mounted[0]).toMatchObject({ held: { ...heldAt(6), under: [ROWS] }, keeping: { rows: 'kept' } })
})

test.each<[string, number, number, string[]]>([
  ['older than what is kept makes way for it at once', 5, 6, ['rows', 'ready', 'rows', 'ready']],
  ['newer than what is kept stays until the server has answered', 6, 5, ['rows', 'ready']],
])('what came with the page and is %s, with a link and without', (_, given, stored, told) => {
  const linking = opened()
  linking.mount.showGiven(kept(given))
  const { link, mounted } = linked()
  linking.mount.link(link, kept(stored))
  expect(linking.told).toEqual(told)
  expect(mounted[0]).toMatchObject({ held: heldAt(stored), keeping: { rows: 'kept' } })
  const showing = opened()
  showing.mount.showGiven(kept(given))
  showing.mount.show(kept(stored))
  expect(showing.told).toEqual(told)
})

test('without a link what is kept is shown all the same, and goes on with the first', () => {
  const { mount, told } = opened()
  mount.show(kept(5))
  mount.show(kept(6))
  expect(told).toEqual(['rows', 'ready'])
  const { link, mounted } = linked()
  mount.link(link, kept(5))
  expect(mounted[0]?.held).toEqual(heldAt(5))
  const nothing = opened()
  nothing.mount.show(undefined)
  expect(nothing.told).toEqual(['nothing kept'])
})

test('the number of rows that are wanted is kept over links', () => {
  const { mount } = opened({ spec: windowed })
  const first = linked()
  mount.resize(20)
  mount.link(first.link, undefined)
  mount.resize(30)
  expect(first.told).toEqual(['resize 30'])
  mount.loosen()
  const second = linked()
  mount.link(second.link, undefined)
  expect([first, second].map(({ mounted }) => mounted[0]?.spec.window?.limit)).toEqual([20, 30])
})

test('a subscription ends once, with its link, and is mounted nowhere again', () => {
  const { mount, told } = opened()
  const { link, mounted, told: ended } = linked()
  mount.link(link, undefined)
  mount.end()
  mount.end()
  mount.link(link, undefined)
  expect([told, ended, mounted.length]).toEqual([['nothing kept', 'ended'], ['end'], 1])
})

test('one that its application ends while its rows are shown does not stay mounted', () => {
  const { link, told: ended } = linked()
  const { mount } = opened()
  const ending: RoomLink = {
    ...link,
    mount: (...args) => {
      mount.end()
      return link.mount(...args)
    },
  }
  mount.link(ending, kept(5))
  expect(ended).toEqual(['end'])
})
