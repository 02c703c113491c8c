import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const OPTIONS = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    // Only TCP passes the proxies.
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

/**
 * A browser. Give every client a context of its own: in one context only the front tab animates, and going offline is per context.
 * Offline freezes an open socket in both directions without closing it.
 */
export const launchChromium = (): Promise<Browser> => chromium.launch(OPTIONS)

/** One browser profile in `directory`, so that what it stores survives a restart of the whole browser. */
export const launchProfile = (directory: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(directory, OPTIONS)
