export interface KeptSubscription {
  readonly socket: string
  readonly sub: number
  readonly spec: { readonly collection: string; readonly boundary?: unknown }
  /** Where it outlives a sleep. */
  readonly kept: 'beside' | 'table'
}

/** What outlives a sleep of the object: subscriptions in the attachments of sockets that are open, then those in the table. */
export function keptSubscriptions(ctx: DurableObjectState): KeptSubscription[] {
  const beside = ctx.getWebSockets().flatMap((ws): KeptSubscription[] => {
    const attachment = ws.deserializeAttachment() as { id: string; beside: string } | null
    if (ws.readyState !== WebSocket.READY_STATE_OPEN || !attachment?.beside) return []
    const specs = Object.entries(JSON.parse(attachment.beside) as Record<string, KeptSubscription['spec']>)
    return specs.map(([sub, spec]) => ({ socket: attachment.id, sub: Number(sub), spec, kept: 'beside' }))
  })
  const table = ctx.storage.sql
    .exec<{ socket: string; sub: number; spec: string }>('SELECT socket, sub, spec FROM _sync_sub')
    .toArray()
  return [
    ...beside,
    ...table.map(({ socket, sub, spec }) => ({
      socket,
      sub,
      spec: JSON.parse(spec) as KeptSubscription['spec'],
      kept: 'table' as const,
    })),
  ]
}
