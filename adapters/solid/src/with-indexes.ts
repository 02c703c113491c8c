import { extendedOptions } from '@durable-sync/core'
import { BasicIndex } from '@tanstack/solid-db'

/**
 * Options for `createCollection` with the indexes that ordered windows over an on-demand collection need: TanStack DB makes one for each
 * column that a live query orders by. `createCollection(withIndexes(doCollectionOptions({ …, syncMode: 'on-demand' })))`
 */
export const withIndexes = <Options extends object>(options: Options) =>
  extendedOptions(options, { autoIndex: 'eager', defaultIndexType: BasicIndex })
