import { ProtocolError } from '../errors.ts'

const SCHEMES: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
}

/**
 * The address of a socket: `text`, resolved against `base` when it is relative, as `ws:` or `wss:`, with the token as a query
 * parameter when there is one.
 * @throws ProtocolError `url-invalid`
 */
export function socketUrl(
  text: string,
  { base, token }: { base: string | undefined; token: { param: string; value: string } | undefined },
): string {
  const url = parse(text, base)
  const scheme = SCHEMES[url.protocol]
  if (scheme === undefined) {
    throw new ProtocolError('url-invalid', `"${text}" is not a ws:, wss:, http: or https: address`)
  }
  url.protocol = scheme
  // A fragment makes the WebSocket constructor throw.
  url.hash = ''
  if (token) url.searchParams.set(token.param, token.value)
  return url.href
}

/** The same address for a plain request. */
export const requestUrl = (socketAddress: string): string => socketAddress.replace(/^ws/, 'http')

function parse(text: string, base: string | undefined): URL {
  try {
    return new URL(text, base)
  } catch (cause) {
    const fix = base === undefined ? '; without a page it must be absolute, like wss://host/path' : ''
    throw new ProtocolError('url-invalid', `"${text}" is not an address${fix}`, { cause })
  }
}
