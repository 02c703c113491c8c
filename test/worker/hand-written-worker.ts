interface Env {
  readonly SESSIONS: DurableObjectNamespace
}

/** The Worker of the quick start, without `routeSync`: it matches `/sync/<sessionId>`, authenticates, and hands the claims on. */
export const handWritten = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url)
    const [, path, sessionId = ''] = /^\/(sync|unclaimed)\/([^/]+)$/.exec(url.pathname) ?? []
    if (path === undefined) return new Response('Not found', { status: 404 })
    const session = env.SESSIONS.get(env.SESSIONS.idFromName(sessionId))
    if (path === 'unclaimed') return session.fetch(request)
    const userId = url.searchParams.get('user')
    if (userId === null) return new Response('Unauthorized', { status: 401 })
    const headers = new Headers(request.headers)
    headers.set('x-claims', JSON.stringify({ userId }))
    return session.fetch(new Request(request, { headers }))
  },
}
