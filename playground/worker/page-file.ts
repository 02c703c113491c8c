/** workerd's own file service does not know what a file is. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Files below this folder carry a hash of their contents in their name. */
const HASHED = '/assets/'

/** One document is all pages: its script looks at the path. */
const PAGES = ['/', '/board', '/items']

/** Answers with a file of the built page. */
export async function pageFile(request: Request, page: Fetcher): Promise<Response> {
  const url = new URL(request.url)
  if (PAGES.includes(url.pathname)) url.pathname = '/index.html'
  const type = CONTENT_TYPES[url.pathname.split('.').at(-1) ?? '']
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
