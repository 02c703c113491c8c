import { describeAdapter } from '../suite.ts'
import { driver } from './driver.svelte.ts'
import rendered from './rendered.html?raw'

describeAdapter(driver, rendered)
