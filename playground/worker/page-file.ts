/** workerd's own file service does not know what a file is. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Files below this folder carry a hash of their contents in their name. */
const HASHED = '/assets/'

/** Sources of the pages, to be read. */
const SOURCES = '/source/'

/** Put in when the Worker is bundled: which document is at which address. */
declare const PAGE_PATHS: Readonly<Record<string, string>>

/** Answers with a file of the built pages. */
export async function pageFile(request: Request, page: Fetcher): Promise<Response> {
  const url = new URL(request.url)
  const document = PAGE_PATHS[url.pathname]
  if (document !== undefined) url.pathname = `/${document}`
  const type = contentType(url.pathname)
  if (request.method !== 'GET' || !type) return new Response('Not found', { status: 404 })
  const file = await page.fetch(url)
  if (!file.ok) return new Response('Not found', { status: 404 })
  return new Response(file.body, {
    headers: {
      'content-type': type,
      'cache-control': url.pathname.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:",
      'x-content-type-options': 'nosniff',
    },
  })
}

const contentType = (path: string): string | undefined =>
  path.startsWith(SOURCES) ? 'text/plain; charset=utf-8' : CONTENT_TYPES[path.split('.').at(-1) ?? '']
