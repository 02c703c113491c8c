import { describe, expect, test } from 'vitest'
import { FakeEnvironment } from '../session/testing/fake-environment.ts'
import { FollowerLink } from './follower-link.ts'
import { LeaderLink } from './leader-link.ts'
import type { TabMessage, Term } from './tab-message.ts'
import { DEFAULT_TAB_TIMINGS } from './tab-timings.ts'

type Message = TabMessage<string, string>

const TERM: Term = { id: 'term', since: 1 }

function follower() {
  const environment = new FakeEnvironment()
  const posted: Message[] = []
  const told: string[] = []
  const link = new FollowerLink<string, string>({
    tab: 'tab',
    environment,
    timings: DEFAULT_TAB_TIMINGS,
    page: () => 'visible',
    post: (message) => posted.push(message),
    listener: {
      attached: (term) => told.push(`attached ${term}`),
      detached: () => told.push('detached'),
      received: (payload) => told.push(payload),
      heard: () => told.push('heard'),
      invited: () => told.push('invited'),
    },
  })
  const beat = (sent: Record<string, number> = {}, term = TERM) => link.hear({ type: 'beat', term, sent })
  return { environment, link, beat, posted: () => posted.splice(0), told: () => told.splice(0) }
}

const call = (link: string): Message => ({ type: 'attach', tab: 'tab', link, page: 'visible' })

describe('a follower', () => {
  test('repeats a call that is not answered at the first heartbeat after 2 s, and then believes the answer to the new one only', () => {
    const { environment, link, beat, posted, told } = follower()
    expect(posted()).toEqual([call('id-1')])
    // It was called before anybody led.
    beat()
    expect(posted()).toEqual([call('id-2')])
    environment.advance(1000)
    beat()
    expect(posted()).toEqual([])
    environment.advance(1000)
    beat()
    expect(posted()).toEqual([call('id-3')])
    told()
    link.hear({ type: 'attached', term: TERM, link: 'id-2' })
    expect(told()).toEqual([])
    link.hear({ type: 'attached', term: TERM, link: 'id-3' })
    expect(told()).toEqual(['attached term'])
    link.hear({ type: 'attached', term: { id: 'other', since: 2 }, link: 'id-3' })
    expect(told()).toEqual([])
  })

  test('takes no notice of what is meant for others', () => {
    const { link, posted, told } = follower()
    link.hear({ type: 'attached', term: TERM, link: 'id-1' })
    posted()
    told()
    link.hear({ type: 'down', to: { other: 1 }, payload: 'one' })
    link.hear({ type: 'detached', link: 'other' })
    link.hear({ type: 'lead', link: 'other' })
    link.hear({ type: 'resigned', term: 'other' })
    link.hear({ type: 'bye', link: 'id-1' })
    expect([posted(), told()]).toEqual([[], []])
    expect(link.send('up')).toBe(true)
  })

  test('that has given up a leader does not call it before it shows a sign of life', () => {
    const { link, beat, posted, told } = follower()
    link.hear({ type: 'attached', term: TERM, link: 'id-1' })
    posted()
    link.forsake()
    expect(told()).toEqual(['attached term', 'detached'])
    link.hear({ type: 'down', to: { 'id-1': 1 }, payload: 'late' })
    expect([posted(), told(), link.send('up')]).toEqual([[], [], false])
    beat()
    expect([posted(), told()]).toEqual([[call('id-2')], ['heard']])
  })

  test('that is closed says goodbye and nothing more', () => {
    const { link, beat, posted, told } = follower()
    link.close()
    expect(posted()).toEqual([call('id-1'), { type: 'bye', link: 'id-1' }])
    beat()
    link.forsake()
    link.hear({ type: 'attached', term: TERM, link: 'id-1' })
    link.show()
    expect([posted(), told(), link.send('up')]).toEqual([[], [], false])
  })
})

function leader() {
  const posted: Message[] = []
  const told: string[] = []
  const link = new LeaderLink<string, string>({
    term: TERM,
    timings: DEFAULT_TAB_TIMINGS,
    post: (message) => posted.push(message),
    listener: {
      joined: (tab) => told.push(`joined ${tab}`),
      left: (tab) => told.push(`left ${tab}`),
      received: (tab, payload) => told.push(`${tab} ${payload}`),
      heirShown: () => told.push('heir'),
    },
  })
  const attach = (name: string, page: 'visible' | 'hidden' = 'hidden') =>
    link.hear({ type: 'attach', tab: 'tab', link: name, page })
  return { link, attach, posted: () => posted.splice(0), told: () => told.splice(0) }
}

describe('a leader', () => {
  test('says so at once, and answers a call before anything else goes to the caller', () => {
    const { link, attach, posted, told } = leader()
    attach('a')
    link.send('one')
    expect(posted()).toEqual([
      { type: 'beat', term: TERM, sent: {} },
      { type: 'attached', term: TERM, link: 'a' },
      { type: 'down', to: { a: 1 }, payload: 'one' },
    ])
    expect(told()).toEqual(['joined tab'])
    link.beat()
    expect(posted()).toEqual([{ type: 'beat', term: TERM, sent: { a: 1 } }])
  })

  test('gives up the old link of a tab that calls anew, and tells whoever uses it', () => {
    const { link, attach, posted, told } = leader()
    attach('a')
    attach('b')
    expect(told()).toEqual(['joined tab', 'left tab', 'joined tab'])
    posted()
    link.hear({ type: 'up', term: 'term', link: 'a', n: 1, payload: 'late' })
    expect([posted(), told()]).toEqual([[{ type: 'detached', link: 'a' }], []])
    link.hear({ type: 'up', term: 'term', link: 'b', n: 1, payload: 'one' })
    expect([posted(), told()]).toEqual([[], ['tab one']])
  })

  test('has no say about the links of another term', () => {
    const { link, posted, told } = leader()
    posted()
    link.hear({ type: 'up', term: 'other', link: 'x', n: 1, payload: 'one' })
    link.hear({ type: 'alive', term: 'other', link: 'x', sent: 3, page: 'visible' })
    link.hear({ type: 'bye', link: 'x' })
    expect([posted(), told()]).toEqual([[], []])
  })

  test('says nothing when there is nobody to say it to', () => {
    const { link, attach, posted } = leader()
    posted()
    link.send('one')
    attach('a')
    link.send('two', ['nobody'])
    expect(posted()).toEqual([{ type: 'attached', term: TERM, link: 'a' }])
  })
})
