import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { StoragePages } from './storage-page.ts'

/** A browser for one file of tests. Every test has a profile of its own, whose pages share what is stored. */
export function storageBrowser(): { readonly tab: () => Promise<Page> } {
  let browser: Browser
  let pages: StoragePages
  let profile: Promise<BrowserContext> | undefined
  beforeAll(async () => {
    ;[browser, pages] = await Promise.all([launchChromium(), StoragePages.start()])
  })
  afterEach(async () => {
    await (await profile)?.close()
    profile = undefined
  })
  afterAll(async () => {
    await browser?.close()
    await pages?.stop()
  })
  return {
    tab: async () => {
      profile ??= browser.newContext()
      return pages.open(await profile)
    },
  }
}
