import { describe, expect, test } from 'vitest'
import { FakeBrowser } from './testing/fake-tab.ts'

const LOCK = 'durable-sync/lead/1/app/room'

async function three() {
  const browser = new FakeBrowser()
  const [a, b, c] = [await browser.open(), await browser.open(), await browser.open()]
  for (const tab of browser.tabs) tab.told()
  return { browser, a, b, c }
}

describe('the tabs of a room', () => {
  test('agree on one that leads, and the others are linked to it', async () => {
    const browser = new FakeBrowser()
    const [a, b, c] = [await browser.open(), await browser.open(), await browser.open()]
    expect([a.role, b.role, c.role]).toEqual(['leader', 'follower', 'follower'])
    expect([a.told(), b.told(), c.told()]).toEqual([
      ['leader', `joined ${b.id}`, `joined ${c.id}`],
      ['attached'],
      ['attached'],
    ])
    expect(a.tabs.followers).toEqual([b.id, c.id])
    expect(a.tabs.term()).toEqual(expect.any(String))
    expect(b.tabs.term()).toBeUndefined()
  })

  test('hear what the leader says to all or to some, and it hears them, in order', async () => {
    const { browser, a, b, c } = await three()
    for (let i = 1; i <= 3; i++) a.tabs.toFollowers(`all ${i}`)
    a.tabs.toFollowers('only b', [b.id, 'nobody'])
    a.tabs.toFollowers('last')
    for (let i = 1; i <= 3; i++) expect(b.tabs.toLeader(`up ${i}`)).toBe(true)
    expect(c.tabs.toLeader('up')).toBe(true)
    await browser.settle()
    expect(b.told()).toEqual(['told all 1', 'told all 2', 'told all 3', 'told only b', 'told last'])
    expect(c.told()).toEqual(['told all 1', 'told all 2', 'told all 3', 'told last'])
    expect(a.told()).toEqual([...[1, 2, 3].map((i) => `${b.id} says up ${i}`), `${c.id} says up`])
    // All of it was whole: nobody attaches anew at the next heartbeat.
    await browser.pass(10_000)
    expect([a.told(), b.told(), c.told()]).toEqual([[], [], []])
  })

  test('have a new leader as soon as theirs stops, and attach to it', async () => {
    const { browser, a, b, c } = await three()
    const old = a.tabs.term()
    a.tabs.stop()
    expect(a.role).toBe('follower')
    await browser.settle()
    expect(browser.leaders).toEqual([b])
    expect(b.tabs.term()).not.toBe(old)
    expect([a.told(), b.told(), c.told()]).toEqual([
      ['follower'],
      ['detached', 'leader', `joined ${c.id}`],
      ['detached', 'attached'],
    ])
  })

  test('leave nothing behind after stop: no timers, no listeners, no channel, no lock', async () => {
    const { browser, a, b, c } = await three()
    b.tabs.stop()
    await browser.settle()
    expect(browser.locks.count(LOCK)).toEqual({ held: 1, queued: 1 })
    for (const tab of [a, c]) tab.tabs.stop()
    await browser.settle()
    for (const { environment } of browser.tabs) {
      expect(environment.timers).toBe(0)
      expect(environment.listeners).toBe(0)
    }
    expect(browser.channels.count).toBe(0)
    expect(browser.locks.count(LOCK)).toEqual({ held: 0, queued: 0 })
    for (const tab of browser.tabs) tab.tabs.start()
    await browser.pass(1000)
    expect(browser.locks.count(LOCK)).toEqual({ held: 0, queued: 0 })
  })

  test('that stop say goodbye, so that the leader drops them at once', async () => {
    const { browser, a, b } = await three()
    b.tabs.stop()
    await browser.settle()
    expect(a.told()).toEqual([`left ${b.id}`])
  })

  test('do not hear another room', async () => {
    const browser = new FakeBrowser()
    await browser.open()
    await browser.open()
    const [a] = browser.tabs
    const other = browser.channels.open('durable-sync/tabs/1/app/other')
    other.postMessage({ type: 'attach', tab: 'x', link: 'x', page: 'visible' })
    await browser.settle()
    expect(a?.tabs.followers).toHaveLength(1)
  })

  test('go on when a listener throws, and the error is reported', async () => {
    const { browser, a, b } = await three()
    b.log.push = () => {
      throw new Error('of the listener')
    }
    a.tabs.toFollowers('one')
    a.tabs.toFollowers('two')
    await browser.settle()
    expect(b.environment.errors).toHaveLength(2)
    await browser.pass(6000)
    expect(a.told()).toEqual([])
  })
})

describe('a hole', () => {
  test('in what the leader says is noticed with the next message, and what follows it is not handed over', async () => {
    const { browser, a, b } = await three()
    const lose = (arrival: 'heard' | 'lost') => {
      if (b.channel) b.channel.arrival = arrival
    }
    a.tabs.toFollowers('one')
    await browser.settle()
    lose('lost')
    a.tabs.toFollowers('two')
    await browser.settle()
    lose('heard')
    a.tabs.toFollowers('three')
    await browser.settle()
    expect(b.told()).toEqual(['told one', 'detached', 'attached'])
    expect(a.told()).toEqual([`left ${b.id}`, `joined ${b.id}`])
    a.tabs.toFollowers('four')
    await browser.settle()
    expect(b.told()).toEqual(['told four'])
  })

  test('at the end of what the leader says is noticed with the next heartbeat', async () => {
    const { browser, a, b } = await three()
    if (b.channel) b.channel.arrival = 'lost'
    a.tabs.toFollowers('last')
    await browser.settle()
    if (b.channel) b.channel.arrival = 'heard'
    await browser.pass(5000)
    expect(b.told()).toEqual(['detached', 'attached'])
  })

  test.each(['with its next message', 'with its next answer to a heartbeat'])(
    'in what a follower says is noticed %s',
    async (when) => {
      const { browser, a, b } = await three()
      if (a.channel) a.channel.arrival = 'lost'
      b.tabs.toLeader('one')
      await browser.settle()
      if (a.channel) a.channel.arrival = 'heard'
      if (when === 'with its next message') b.tabs.toLeader('two')
      else await browser.pass(5000)
      await browser.settle()
      expect(a.told()).toEqual([`left ${b.id}`, `joined ${b.id}`])
      expect(b.told()).toEqual(['detached', 'attached'])
    },
  )

  test('is none when something cannot be copied: it throws and was not said', async () => {
    const { browser, a, b } = await three()
    const uncopyable = (() => {}) as unknown as string
    expect(() => a.tabs.toFollowers(uncopyable)).toThrow()
    expect(() => b.tabs.toLeader(uncopyable)).toThrow()
    a.tabs.toFollowers('one')
    b.tabs.toLeader('two')
    await browser.settle()
    expect([a.told(), b.told()]).toEqual([[`${b.id} says two`], ['told one']])
  })
})

describe('a leader', () => {
  test('that is silent while it holds the lock is replaced within 15 s, and follows when it wakes', async () => {
    const { browser, a, b, c } = await three()
    c.show('hidden')
    a.life = 'asleep'
    if (a.channel) a.channel.arrival = 'lost'
    await browser.pass(15_000)
    expect(browser.leaders.map(({ id }) => id)).toContain(b.id)
    expect(c.told()).toEqual(['detached', 'attached'])
    a.life = 'running'
    if (a.channel) a.channel.arrival = 'heard'
    await browser.pass(1000)
    expect(browser.leaders).toEqual([b])
    await browser.pass(60_000)
    expect(browser.leaders).toEqual([b])
    expect(b.tabs.followers.toSorted()).toEqual([a.id, c.id].toSorted())
  })

  test('that is stolen from is a follower at once', async () => {
    const { browser, a, b } = await three()
    browser.locks.revoke(LOCK)
    await browser.settle()
    expect(a.role).toBe('follower')
    expect(browser.leaders).toEqual([b])
  })

  test('steps down when it hears a later one, even before it is told that its lock is gone', async () => {
    const { browser, a, b } = await three()
    const later = browser.channels.open('durable-sync/tabs/1/app/room')
    later.postMessage({ type: 'beat', term: { id: 'later', since: 2_000_000 }, sent: {} })
    await browser.settle()
    // It gave the lock up, so the next in the queue has it.
    expect(a.role).toBe('follower')
    expect(browser.leaders).toEqual([b])
  })

  test('of an earlier term is not believed by those who follow a later one', async () => {
    const { browser, b } = await three()
    const earlier = browser.channels.open('durable-sync/tabs/1/app/room')
    earlier.postMessage({ type: 'beat', term: { id: 'earlier', since: 1 }, sent: {} })
    earlier.postMessage({ type: 'down', to: {}, payload: 'stale' })
    earlier.postMessage({ type: 'resigned', term: 'earlier' })
    await browser.settle()
    expect(b.told()).toEqual([])
    expect(browser.leaders).toHaveLength(1)
  })

  test('that froze has let go before the handler ends, and follows when it thaws', async () => {
    const { browser, a, b, c } = await three()
    a.environment.document.fire('freeze')
    expect(a.role).toBe('follower')
    await browser.settle()
    expect(browser.leaders).toEqual([b])
    // The handlers of a frozen page still run: what they would begin with the storage would keep everybody waiting.
    expect(b.tabs.followers).toEqual([c.id])
    b.tabs.stop()
    await browser.settle()
    expect(browser.leaders).toEqual([c])
    c.tabs.stop()
    await browser.settle()
    expect(browser.leaders).toEqual([])
    a.environment.document.fire('resume')
    await browser.settle()
    expect(browser.leaders).toEqual([a])
  })

  test('that goes into the back/forward cache has let go of lock and channel, and follows when it returns', async () => {
    const { browser, a, b } = await three()
    a.environment.window.fire('pagehide')
    expect(a.role).toBe('follower')
    expect(browser.channels.count).toBe(2)
    await browser.settle()
    expect(browser.leaders).toEqual([b])
    expect(b.tabs.followers).not.toContain(a.id)
    a.environment.window.fire('pageshow')
    await browser.settle()
    expect(browser.leaders).toEqual([b])
    expect(b.tabs.followers).toContain(a.id)
  })

  test('that is hidden for 30 s hands over to a visible tab, past hidden ones that have waited longer', async () => {
    const { browser, a, b, c } = await three()
    b.show('hidden')
    a.show('hidden')
    await browser.pass(29_000)
    expect(browser.leaders).toEqual([a])
    await browser.pass(2000)
    expect(browser.leaders).toEqual([c])
    expect(b.role).toBe('follower')
    expect(b.told()).toEqual(['detached', 'attached'])
    expect(c.tabs.followers.toSorted()).toEqual([a.id, b.id].toSorted())
  })

  test('that was hidden for 30 s when nobody was visible hands over to the first that is', async () => {
    const { browser, a, b, c } = await three()
    for (const tab of [a, b, c]) tab.show('hidden')
    await browser.pass(60_000)
    expect(browser.leaders).toEqual([a])
    c.show('visible')
    await browser.settle()
    expect(browser.leaders).toEqual([c])
  })

  test('that was hidden for 30 s hands over to a visible tab that is opened', async () => {
    const browser = new FakeBrowser()
    const a = await browser.open()
    a.show('hidden')
    await browser.pass(60_000)
    const b = await browser.open()
    expect(browser.leaders).toEqual([b])
    expect(a.role).toBe('follower')
  })

  test('that stops is known to be gone at once, even if nobody succeeds it', async () => {
    const { browser, a, b, c } = await three()
    c.tabs.stop()
    b.environment.document.fire('freeze')
    a.tabs.stop()
    await browser.settle()
    expect(b.told()).toEqual(['detached'])
    expect(b.tabs.toLeader('nobody')).toBe(false)
  })

  test('that is hidden for less than 30 s stays', async () => {
    const { browser, a } = await three()
    a.show('hidden')
    await browser.pass(25_000)
    a.show('visible')
    await browser.pass(60_000)
    expect(browser.leaders).toEqual([a])
  })
})

describe('a follower', () => {
  test('that answers no heartbeat for 60 s is dropped, and attaches anew when it hears again', async () => {
    const { browser, a, b } = await three()
    b.show('hidden')
    await browser.settle()
    if (b.channel) b.channel.arrival = 'lost'
    await browser.pass(59_000)
    expect(a.told()).toEqual([])
    await browser.pass(10_000)
    expect(a.told()).toEqual([`left ${b.id}`])
    if (b.channel) b.channel.arrival = 'heard'
    await browser.pass(5000)
    expect(a.told()).toEqual([`joined ${b.id}`])
    expect(b.told()).toEqual(['detached', 'attached'])
  })

  test('is not dropped by a leader that slept and heard nothing itself', async () => {
    const { browser, a, b } = await three()
    for (const tab of browser.tabs) tab.life = 'asleep'
    await browser.pass(600_000)
    for (const tab of browser.tabs) tab.life = 'running'
    await browser.pass(4000)
    expect(a.told()).toEqual([])
    expect(b.told()).toEqual([])
    expect(browser.leaders).toEqual([a])
  })

  test('sends nothing while no leader is attached, and says so', async () => {
    const browser = new FakeBrowser()
    const a = await browser.open()
    expect(a.tabs.toLeader('nobody')).toBe(false)
    const b = await browser.open()
    expect(b.tabs.toLeader('somebody')).toBe(true)
    b.tabs.stop()
    expect(b.tabs.toLeader('nobody')).toBe(false)
  })

  test('that calls in vain calls again at a heartbeat', async () => {
    const browser = new FakeBrowser()
    const a = await browser.open()
    if (a.channel) a.channel.arrival = 'lost'
    const b = await browser.open()
    expect(b.told()).toEqual([])
    if (a.channel) a.channel.arrival = 'heard'
    await browser.pass(5000)
    expect(b.told()).toEqual(['attached'])
  })
})
