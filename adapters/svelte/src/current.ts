/** A value that is read where it is used. Do not destructure it. */
export interface Current<T> {
  readonly current: T
}
