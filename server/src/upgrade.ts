import { CloseCode, encodeServerFrame, TOKEN_BYTES } from '@durable-sync/core/wire'
import { RESERVED_ROOM } from './attachment-room.ts'
import { expiryOf } from './principal.ts'

/** The tag of the library's sockets: others in the same object are none of its business. */
export const SYNC_TAG = 'durable-sync'

/**
 * A refusal that a browser can see. The HTTP status of a failed upgrade is hidden from it, so the socket is accepted and closed. It is
 * accepted without hibernation: closing a hibernatable socket that never received a message stalls until the peer gives up.
 */
export function refuseUpgrade(code: number, message: string): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  server.send(encodeServerFrame({ type: 'goodbye', code, message }))
  server.close(code, message.replace(/[^ -~]/g, '?').slice(0, 120))
  return new Response(null, { status: 101, webSocket: client })
}

export const isUpgrade = (request: Request): boolean =>
  request.headers.get('upgrade')?.toLowerCase() === 'websocket'

/** What the welcome has room for. */
const MAX_PRINCIPAL = 1024

export type Admission =
  | { readonly ok: true; readonly principal: string; readonly claims: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string }

/** The gate that every set of claims passes, at the upgrade and in band. */
export function admit(
  claims: unknown,
  principalOf: (claims: unknown) => string | null,
  now: number,
): Admission {
  const principal = principalOf(claims)
  if (principal === null)
    return {
      ok: false,
      code: CloseCode.unauthorized,
      message:
        'the claims name nobody: give them a text `sub`, `userId` or `id`, or set the option `principal`',
    }
  if (principal.length > MAX_PRINCIPAL)
    return {
      ok: false,
      code: CloseCode.misconfigured,
      message: `the principal has more than ${MAX_PRINCIPAL} characters`,
    }
  if (expiryOf(claims) <= now)
    return { ok: false, code: CloseCode.unauthorized, message: 'the credentials have expired' }
  if (JSON.stringify(claims).length > TOKEN_BYTES)
    return {
      ok: false,
      code: CloseCode.misconfigured,
      message: `the claims have more than ${TOKEN_BYTES} bytes`,
    }
  if (!isPlain(claims))
    return {
      ok: false,
      code: CloseCode.misconfigured,
      message: 'the claims must be plain data: they are kept while the object sleeps',
    }
  if (!hasRoom(principal, claims))
    return {
      ok: false,
      code: CloseCode.misconfigured,
      message: 'the claims are too large to be kept while the object sleeps',
    }
  return { ok: true, principal, claims }
}

function isPlain(claims: unknown): boolean {
  try {
    structuredClone(claims)
    return true
  } catch {
    return false
  }
}

/** Asks the runtime, on a socket that nobody gets: text beyond Latin-1 takes two bytes a character, and JSON says nothing of a Map. */
function hasRoom(principal: string, claims: unknown): boolean {
  try {
    new WebSocketPair()[0].serializeAttachment({ principal, claims, reserved: RESERVED_ROOM })
    return true
  } catch {
    return false
  }
}
