// @vitest-environment node
import { createSSRApp, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { describeServer } from '../server-suite.ts'
import { Page } from './driver.ts'

describeServer((page) => renderToString(createSSRApp(() => h(Page, page))))
