import { describeAdapter } from '../suite.ts'
import { driver } from './driver.ts'
import rendered from './rendered.html?raw'

describeAdapter(driver, rendered)
