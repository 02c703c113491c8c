/** Put in when the pages are built: their files, which document is at which address, and a name for exactly these. */
declare const BUILT: {
  readonly version: string
  readonly files: readonly string[]
  readonly pages: Readonly<Record<string, string>>
}
declare const self: ServiceWorkerGlobalScope

const OURS = 'durable-sync-playground-page-'
const CURRENT = OURS + BUILT.version
/** Each document is kept under the first of its addresses: they all answer with the same. */
const KEPT_AT: ReadonlyMap<string, string> = new Map(
  Object.entries(BUILT.pages)
    .toReversed()
    .map(([path, document]) => [document, path]),
)
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
  const document = BUILT.pages[pathname]
  if (request.mode === 'navigate' && document !== undefined) event.respondWith(page(request, document))
  else if (FILES.has(pathname)) event.respondWith(file(request))
})

/** A new version is used from the next page on: an open page has loaded all that it needs of the old one. */
async function install(): Promise<void> {
  const cache = await caches.open(CURRENT)
  await cache.addAll([...KEPT_AT.values(), ...BUILT.files])
  await self.skipWaiting()
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CURRENT)
  await Promise.all(old.map((name) => caches.delete(name)))
  await self.clients.claim()
}

/** The server's own document while there is a server, so that nobody is kept on an old version; the one that is kept otherwise. */
async function page(request: Request, document: string): Promise<Response> {
  const kept = caches.match(KEPT_AT.get(document) ?? '/', { cacheName: CURRENT })
  const fetched = fetch(request).then((response) => (response.ok ? response : undefined))
  const answer = await Promise.race([fetched, patience()]).catch(() => undefined)
  return answer ?? (await kept) ?? (await fetched.catch(() => undefined)) ?? Response.error()
}

/** The name of a file has a hash of its contents: what is kept under it is it. Sources have none; they are as old as the pages. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CURRENT })) ?? fetch(request)
}

const patience = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS))

// A module: its names are its own, and `self` is one of them.
export {}
