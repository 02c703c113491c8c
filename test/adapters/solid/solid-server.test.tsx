// @vitest-environment node
/** @jsxImportSource solid-js */
import { renderToString, renderToStringAsync } from 'solid-js/web'
import { describeServer } from '../server-suite.ts'
import { Page } from './driver.tsx'

describeServer(
  (page) => renderToString(() => <Page {...page} />),
  // `useLiveQuery` is a resource.
  (page) => renderToStringAsync(() => <Page {...page} />),
)
