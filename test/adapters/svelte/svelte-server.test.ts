// @vitest-environment node
/// <reference types="svelte" />
import { render } from 'svelte/server'
import type { PageProps } from '../driver.ts'
import { describeServer } from '../server-suite.ts'
import Page from './Page.svelte'

const renderPage = (page: PageProps) => render(Page, { props: { ...page } }).body

// Over a newer TanStack DB than the one that it brings, `svelte-db` starts no live query on a server.
describeServer(
  renderPage,
  renderPage,
  process.env.TANSTACK_DB === '0.9.2' ? 'rendered' : 'left to the browser',
)
