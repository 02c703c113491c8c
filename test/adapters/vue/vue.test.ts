import { describeAdapter } from '../suite.ts'
import { driver } from './driver.ts'

describeAdapter(driver)
