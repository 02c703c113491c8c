import { CloseCode } from '@durable-sync/core/wire'
import { SetupError } from './setup-error.ts'
import { isUpgrade, refuseUpgrade } from './upgrade.ts'

/** The header in which the Worker hands verified claims to the object. What a client sends under this name is removed. */
export const CLAIMS_HEADER = 'x-claims'

interface ObjectStub {
  fetch(request: Request): Promise<Response>
}

/** What `routeSync` needs of a `DurableObjectNamespace`. */
export interface SyncNamespace {
  idFromName(name: string): unknown
  get(id: never): ObjectStub
}

export type Authenticated<Claims> = Claims | null | 'forbidden'

export interface RouteSyncOptions<Claims> {
  readonly namespace: SyncNamespace
  /**
   * The claims of an authenticated request, or null for credentials that are none: the client asks for new ones. `'forbidden'` says that they are
   * good and do not open this room, so new ones would not help. A throw counts as null. Claims must be plain JSON of at most 4 KB.
   */
  readonly authenticate: (
    request: Request,
    room: string,
  ) => Authenticated<Claims> | Promise<Authenticated<Claims>>
  /**
   * The name of the object, or null when the path is not sync's. Default: the segment after `/sync/`, at most 128 of the characters
   * `A–Z a–z 0–9 . _ ~ -`. Every new name makes a new object, so `authenticate` checks that this user may open it.
   */
  readonly room?: (url: URL) => string | null
  /**
   * Origins of pages that may connect, such as `https://app.example.com`, or a function. Default: only the Worker's own. Browsers send
   * cookies with cross-site sockets, so this is what keeps other sites out. A request without an Origin is no browser and is let through.
   */
  readonly origins?: readonly string[] | ((origin: string) => boolean)
}

/**
 * The Worker's part: matches the path, checks Origin and room name, authenticates, and hands the request to the room's object with the
 * claims in a header that no client can forge. Refusals of an upgrade are sent as a close, 4401 or 4403, because a browser cannot see
 * an HTTP status; a plain GET gets 401, 403 or 426. A name that cannot be one is closed with 4400. Without a `namespace` every upgrade is
 * closed with 4500, and the log says what to do. Undefined when the path is not sync's.
 */
export async function routeSync<Claims>(
  request: Request,
  { namespace, authenticate, room = roomAfterSync, origins }: RouteSyncOptions<Claims>,
): Promise<Response | undefined> {
  const url = new URL(request.url)
  const name = room(url)
  if (name === null) return room === roomAfterSync ? refusedName(request, url) : undefined
  // Of whoever has no such binding, `env` has undefined, and a TypeError of ours would name no cause.
  if (!namespace) return unbound(request)
  const origin = request.headers.get('origin')
  if (origin !== null && !isAllowed(origin, url, origins))
    return refuse(request, CloseCode.forbidden, `pages of ${origin} may not connect: name it in \`origins\``)
  const claims = await claimsOf(request, name, authenticate)
  // Whoever is not checked by a compiler returns undefined just as well.
  if (claims === null || claims === undefined)
    return refuse(request, CloseCode.unauthorized, 'not authenticated')
  if (claims === 'forbidden') return refuse(request, CloseCode.forbidden, 'this room is not open to you')
  const headers = new Headers(request.headers)
  headers.set(CLAIMS_HEADER, asciiJson(claims))
  const stub = namespace.get(namespace.idFromName(name) as never)
  return stub.fetch(new Request(request, { headers }))
}

async function claimsOf<Claims>(
  request: Request,
  room: string,
  authenticate: RouteSyncOptions<Claims>['authenticate'],
): Promise<Authenticated<Claims>> {
  try {
    return await authenticate(request, room)
  } catch (error) {
    console.error('durable-sync: authenticate threw', error)
    return null
  }
}

function unbound(request: Request): Response {
  const { code, message } = new SetupError(
    'namespace-missing',
    '`namespace` is undefined: name the binding in `durable_objects` of wrangler.jsonc as the Worker’s `env` does',
  )
  console.error(`durable-sync: ${message} (${code})`)
  return refuse(request, CloseCode.misconfigured, message)
}

/** What a plain GET is answered with, which has no close code. */
const STATUS: Readonly<Record<number, number>> = {
  [CloseCode.unauthorized]: 401,
  [CloseCode.forbidden]: 403,
  [CloseCode.misconfigured]: 500,
}

function refuse(request: Request, code: number, message: string): Response {
  if (isUpgrade(request)) return refuseUpgrade(code, message)
  return new Response(`${message}\n`, { status: STATUS[code] ?? 403 })
}

function isAllowed(origin: string, url: URL, origins: RouteSyncOptions<unknown>['origins']): boolean {
  if (typeof origins === 'function') return origins(origin)
  if (origins !== undefined) return origins.includes(origin)
  return origin === url.origin
}

const UNDER_SYNC = /^\/sync\/./

/** Otherwise a client would try for ever at a path that nobody answers. */
const refusedName = (request: Request, { pathname }: URL): Response | undefined =>
  isUpgrade(request) && UNDER_SYNC.test(pathname)
    ? refuseUpgrade(
        CloseCode.protocol,
        'the name of a room is 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -',
      )
    : undefined

const ROOM = /^\/sync\/([A-Za-z0-9._~-]{1,128})\/?$/

const roomAfterSync = (url: URL): string | null => ROOM.exec(url.pathname)?.[1] ?? null

/** Header values are bytes: everything beyond ASCII is escaped, as JSON allows. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
