import { expect, test } from 'vitest'
import { FakeBrowser, type FakeTab } from './testing/fake-tab.ts'

const TABS = 50

const WAYS: readonly ((leader: FakeTab) => void)[] = [
  ({ tabs }) => tabs.stop(),
  ({ environment }) => environment.document.fire('freeze'),
  ({ environment }) => environment.window.fire('pagehide'),
]

test('fifty tabs have one leader that all others are attached to, until the last of them is gone', async () => {
  const browser = new FakeBrowser()
  for (let i = 0; i < TABS; i++) await browser.open()
  for (let left = TABS; left > 0; left--) {
    await browser.settle()
    const [leader, ...more] = browser.leaders
    if (!leader) throw new Error('nobody leads')
    expect(more).toEqual([])
    expect(new Set(leader.tabs.followers).size).toBe(left - 1)
    leader.tabs.toFollowers(`${left} are left`)
    await browser.settle()
    const heard = browser.tabs.filter((tab) => tab.log.at(-1) === `told ${left} are left`)
    expect(heard).toHaveLength(left - 1)
    WAYS[left % WAYS.length]?.(leader)
  }
  expect(browser.leaders).toEqual([])
})
