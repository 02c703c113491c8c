// @vitest-environment node
/// <reference types="svelte" />
import { render } from 'svelte/server'
import { describeServer } from '../server-suite.ts'
import Page from './Page.svelte'

describeServer((page) => render(Page, { props: { ...page } }).body)
