import { describe, expect, test } from 'vitest'
import { defaultEnvironment } from '../client/environment.ts'
import { Tabs } from './tabs.ts'
import { FakeBrowser } from './testing/fake-tab.ts'

const LOCK = 'durable-sync/lead/1/app/room'

describe('a tab is alone', () => {
  const refuse = () => {
    throw new DOMException('opaque origin', 'SecurityError')
  }
  test.each([
    ['there are no locks', { locks: () => undefined }],
    ['asking for the locks throws', { locks: refuse }],
    ['there is no channel', { channel: () => undefined }],
    ['making the channel throws', { channel: refuse }],
  ])('where %s', async (_, platform) => {
    const browser = new FakeBrowser()
    const [a, b] = [await browser.open(platform), await browser.open(platform)]
    expect([a.role, b.role]).toEqual(['alone', 'alone'])
    for (const { environment } of browser.tabs) {
      expect(environment.timers).toBe(0)
      expect(environment.listeners).toBe(0)
    }
    expect(browser.locks.count(LOCK)).toEqual({ held: 0, queued: 0 })
    expect(browser.channels.count).toBe(0)
    a.tabs.stop()
    expect(a.role).toBe('follower')
  })

  test('where locks are refused when they are asked for', async () => {
    const browser = new FakeBrowser()
    browser.locks.refusal = new DOMException('opaque origin', 'SecurityError')
    const a = await browser.open()
    expect(a.role).toBe('alone')
    expect(browser.channels.count).toBe(0)
  })

  test('where there is no page, as on servers, even if they have locks', () => {
    const { locks, channels } = new FakeBrowser()
    const alone = () => expect.unreachable('nobody else is there')
    const tabs = new Tabs<string, string>({
      name: 'app/room',
      environment: defaultEnvironment(),
      platform: { locks: () => locks, channel: (name) => channels.open(name) },
      listener: {
        joined: alone,
        left: alone,
        heard: alone,
        attached: alone,
        detached: alone,
        told: alone,
      },
    })
    tabs.start()
    expect(tabs.role.get()).toBe('alone')
    expect(channels.count).toBe(0)
  })

  test('when its channel cannot be made again after the back/forward cache', async () => {
    const browser = new FakeBrowser()
    let channels = 0
    const a = await browser.open({
      channel: (name) => (channels++ === 0 ? browser.channels.open(name) : refuse()),
    })
    expect(a.role).toBe('leader')
    a.environment.window.fire('pagehide')
    a.environment.window.fire('pageshow')
    await browser.settle()
    expect(a.role).toBe('alone')
    expect(browser.locks.count(LOCK)).toEqual({ held: 0, queued: 0 })
  })
})
