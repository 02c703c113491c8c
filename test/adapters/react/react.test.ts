import { describeAdapter } from '../suite.ts'
import { driver } from './driver.tsx'

describeAdapter(driver)
