import { loadMe, type Me, whenSomebodyElseSits } from './me.ts'
import { type PageAddress, readAddress } from './page-address.ts'

/** Which page and room this window shows. Another one is another object with a client of its own: the window is loaded again. */
export const here: PageAddress = readAddress(location)
export const me: Me = loadMe(here.seat)

// All that the page shows and writes is somebody's.
whenSomebodyElseSits(here.seat, me, () => location.reload())
