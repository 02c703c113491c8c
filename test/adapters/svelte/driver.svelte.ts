/// <reference types="svelte" />
import { withIndexes } from '@durable-sync/svelte'
import { createCollection } from '@tanstack/svelte-db'
import { flushSync, hydrate, mount, tick, unmount } from 'svelte'
import type { Driver, Inputs } from '../driver.ts'
import Page from './Page.svelte'
import Pane from './Pane.svelte'

export const driver: Driver = {
  createCollection,
  withIndexes,
  mount: (into, { inputs, ...rest }) => {
    let shown = $state.raw(inputs)
    const page = mount(Page, {
      target: into,
      props: {
        get inputs() {
          return shown
        },
        ...rest,
      },
    })
    flushSync()
    const change = (next: Inputs) => {
      shown = next
    }
    return { change, unmount: () => void unmount(page) }
  },
  hydrate: (into, page) => {
    const hydrated = hydrate(Page, { target: into, props: { ...page } })
    flushSync()
    return () => void unmount(hydrated)
  },
  settle: async (task) => {
    await task()
    await tick()
  },
  alone: () =>
    mount(Pane, { target: document.createElement('div'), props: { room: '', panes: 1, probe: () => {} } }),
}
