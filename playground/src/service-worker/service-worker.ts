/** Put in when the page is built: every file of it, and a name for exactly these. */
declare const BUILT: { readonly version: string; readonly files: readonly string[] }
declare const self: ServiceWorkerGlobalScope

const OURS = 'durable-sync-playground-page-'
const CURRENT = OURS + BUILT.version
/** One document is all pages. */
const DOCUMENT = '/'
const PAGES: ReadonlySet<string> = new Set([DOCUMENT, '/board', '/items'])
const FILES: ReadonlySet<string> = new Set(BUILT.files)
/** A network that answers no faster is none to somebody who waits for a page. */
const PATIENCE_MS = 3000

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  // Whatever is not named here goes to the network as if there were no service worker, above all the sync routes.
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (PAGES.has(pathname)) event.respondWith(page(request))
  } else if (FILES.has(pathname)) event.respondWith(file(request))
})

/** A new version is used from the next page on: an open page has loaded all that it needs of the old one. */
async function install(): Promise<void> {
  const cache = await caches.open(CURRENT)
  await cache.addAll([DOCUMENT, ...BUILT.files])
  await self.skipWaiting()
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CURRENT)
  await Promise.all(old.map((name) => caches.delete(name)))
  await self.clients.claim()
}

/** The server's own document while there is a server, so that nobody is kept on an old version; the one that is kept otherwise. */
async function page(request: Request): Promise<Response> {
  const kept = caches.match(DOCUMENT, { cacheName: CURRENT })
  const fetched = fetch(request).then((response) => (response.ok ? response : undefined))
  const answer = await Promise.race([fetched, patience()]).catch(() => undefined)
  return answer ?? (await kept) ?? (await fetched.catch(() => undefined)) ?? Response.error()
}

/** The name of a file has a hash of its contents: what is kept under it is it. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CURRENT })) ?? fetch(request)
}

const patience = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS))

// A module: its names are its own, and `self` is one of them.
export {}
