import type { AnySync, SyncClient, SyncUtils } from '@durable-sync/core'
import type { Todo, TodoApi } from '../../core/src/client/testing/todo-room.ts'

/** What a pane was given by its hooks, as far as every framework's is the same. */
export interface PaneHooks {
  readonly client: SyncClient<TodoApi>
  readonly collection: {
    readonly id: string
    readonly status: string
    readonly size: number
    readonly subscriberCount: number
    readonly utils: SyncUtils<TodoApi>
    readonly insert: (todo: Todo) => { readonly isPersisted: { readonly promise: Promise<unknown> } }
  }
}

/** What the page shows, all of which may change while it is shown. */
export interface Inputs {
  /** The provider's room. */
  readonly room: string
  /** How many panes there are. */
  readonly panes: number
  /** Which todos a pane shows. Default: all. */
  readonly where?: { readonly done: boolean } | undefined
  /** The room of which each pane asks its hooks. Default: the provider's. */
  readonly paneRoom?: string | SyncClient<TodoApi> | undefined
  /** Whether there is also a component that has the collection of all todos, shows the status, and has no live query. */
  readonly holder?: boolean
  /** Another one is another version of the same component, as a hot reload brings. */
  readonly version?: number
}

/** One key a pane. */
export const paneKeys = ({ panes, version }: Inputs): readonly string[] =>
  Array.from({ length: panes }, (_, index) => `${version}/${index}`)

export interface PaneProps extends Inputs {
  /** Is handed the hooks of a pane whenever it has others. */
  readonly probe: (read: () => PaneHooks) => void
}

/** What is rendered: `sync` handed to the framework's provider, and a pane for whatever `inputs` say. */
export interface PageProps {
  readonly sync: AnySync
  readonly inputs: Inputs
  readonly probe: PaneProps['probe']
}

export interface Mounted {
  readonly change: (inputs: Inputs) => void
  readonly unmount: () => void
}

/** One framework, in a page. */
export interface Driver {
  readonly mount: (into: HTMLElement, page: PageProps) => Mounted
  /** The same over what the server has rendered; returns how to unmount it. `written`: the rows that came with it, where `useLiveQuery` asks for them. */
  readonly hydrate: (into: HTMLElement, page: PageProps, written: readonly object[]) => () => void
  /** Runs `task` and then what the framework has put off. */
  readonly settle: (task: () => unknown) => Promise<void>
  /** That of the framework's TanStack package. */
  readonly createCollection: unknown
  /** That of the adapter. */
  readonly withIndexes: <Options extends object>(options: Options) => Options
  /** What renders a pane without a provider throws. */
  readonly alone: () => unknown
}

/** One framework, on a server. */
export type Renderer = (page: PageProps) => string | Promise<string>
