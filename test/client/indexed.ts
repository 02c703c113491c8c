import type { TanStack } from './tanstack-versions.ts'

/** What a collection needs for windows over it. */
export const indexed = ({ BasicIndex }: Pick<TanStack, 'BasicIndex'>) =>
  ({ autoIndex: 'eager', defaultIndexType: BasicIndex }) as const
