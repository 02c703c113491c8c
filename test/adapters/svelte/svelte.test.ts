import { describeAdapter } from '../suite.ts'
import { driver } from './driver.svelte.ts'

describeAdapter(driver)
