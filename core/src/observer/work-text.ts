/** What a write does, for people: `insert todos a and 2 more`, `call clear`. */
export function workText(
  ops: readonly { readonly type: string; readonly collection: string; readonly key: string }[],
  command: string | null,
): string {
  if (command !== null) return `call ${command}`
  const [first] = ops
  if (!first) return 'nothing'
  const more = ops.length > 1 ? ` and ${ops.length - 1} more` : ''
  return `${first.type} ${first.collection} ${first.key}${more}`
}
