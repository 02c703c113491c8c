/** Text that is no UTF-8 (`CAST(x'ff' AS TEXT)`) reaches JavaScript with this in its place, and would not be found again. */
export const isExact = (key: string): boolean => !key.includes('\uFFFD')
