/** Who a socket belongs to. */
export interface Claims {
  readonly userId: string
}

/** The claims that the Worker verified, as they reach an object. */
export const claimsOf = (request: Request): Claims =>
  JSON.parse(request.headers.get('x-claims') ?? '{}') as Claims
