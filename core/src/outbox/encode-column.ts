import { ProtocolError } from '../errors.ts'
import { encodeValue, ValueProblem } from '../wire/encode-value.ts'
import type { WireValue } from '../wire/index.ts'

/**
 * An application value as it travels. `column` is only for the message.
 * @throws ProtocolError `value-invalid` for a value that the server could not give back as it was written.
 */
export function encodeColumn(value: unknown, column: string): WireValue {
  const encoded = encodeValue(value)
  if (encoded instanceof ValueProblem)
    throw new ProtocolError('value-invalid', `The column "${column}" ${encoded.why}`)
  return encoded
}
