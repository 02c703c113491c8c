// @vitest-environment node
/** @jsxImportSource solid-js */
import { renderToString } from 'solid-js/web'
import { describeServer } from '../server-suite.ts'
import { Page } from './driver.tsx'

describeServer((page) => renderToString(() => <Page {...page} />))
