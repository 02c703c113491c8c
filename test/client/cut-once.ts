import type { FrameProxy } from '../support/frame-proxy.ts'
import { cutAfterServerFrame } from '../support/frame-rules.ts'

/** Cuts the next connection right after its `k`th frame from the server, or before any when `k` is 0. Says whether it came to that. */
export function cutNextAfter(proxy: FrameProxy, k: number): { readonly happened: boolean } {
  const index = proxy.links.length
  const cut = { happened: false }
  const afterFrame = cutAfterServerFrame(k)
  proxy.rule = (message, link) => {
    if (link.index !== index) return 'pass'
    const fate = k === 0 ? 'cut' : afterFrame(message, link)
    cut.happened ||= fate !== 'pass'
    return fate
  }
  return cut
}
