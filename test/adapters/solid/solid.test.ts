import { describeAdapter } from '../suite.ts'
import { driver } from './driver.tsx'
import rendered from './rendered.html?raw'

describeAdapter(driver, rendered)
