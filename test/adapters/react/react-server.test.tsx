// @vitest-environment node
import { renderToString } from 'react-dom/server'
import { describeServer } from '../server-suite.ts'
import { Page } from './driver.tsx'

describeServer((page) => renderToString(<Page {...page} />))
