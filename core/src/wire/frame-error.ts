/** A frame that is not what `PROTOCOL.md` says. The message names the field. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}
