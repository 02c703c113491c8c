import type { Environment } from '../client/environment.ts'
import { ConnectionError, ProtocolError } from '../errors.ts'
import { socketUrl } from './socket-url.ts'
import { timeBox } from './time-box.ts'
import type { SocketEnd } from './transport.ts'

export type UrlProvider = string | (() => string | Promise<string>)

export type TokenProvider = (options: {
  /** True when the last token was refused. */
  readonly force: boolean
  /** Aborts when the token is no longer wanted, or came too late. */
  readonly signal: AbortSignal
}) => string | null | Promise<string | null>

export interface UrlParts {
  readonly url: UrlProvider
  readonly tokenParam: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Null is logged out; undefined is an application that uses no tokens. */
  readonly token: (signal: AbortSignal) => string | null | undefined | Promise<string | null | undefined>
}

/** The address to dial, with fresh credentials, or why there is none. It never rejects and always answers in bounded time. */
export async function prepareUrl(
  environment: Environment,
  { url, tokenParam, timeoutMs, signal, token }: UrlParts,
): Promise<{ readonly is: 'ready'; readonly url: string } | SocketEnd> {
  let text: string
  try {
    text =
      typeof url === 'string'
        ? url
        : await timeBox(environment, { ms: timeoutMs, what: 'url()', signal }, url)
  } catch (cause) {
    return unprepared('url-failed', 'The address could not be fetched', cause)
  }
  let value: string | null | undefined
  try {
    value = await timeBox<string | null | undefined>(
      environment,
      { ms: timeoutMs, what: 'getToken()', signal },
      token,
    )
  } catch (cause) {
    return unprepared('token-failed', 'The credentials could not be fetched', cause)
  }
  if (value === null || value === '') return { is: 'logged-out' }
  try {
    const parts = {
      base: environment.location(),
      token: value === undefined ? undefined : { param: tokenParam, value },
    }
    return { is: 'ready', url: socketUrl(text, parts) }
  } catch (cause) {
    if (cause instanceof ProtocolError) return { is: 'unusable', cause }
    return {
      is: 'unusable',
      cause: new ProtocolError('url-invalid', 'The address cannot be used', { cause }),
    }
  }
}

const unprepared = (code: string, message: string, cause: unknown): SocketEnd => ({
  is: 'unprepared',
  cause: new ConnectionError(code, message, { cause }),
})
