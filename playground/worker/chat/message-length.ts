/**
 * The room refuses longer messages, in UTF-16 units. The page counts and does not stop anybody from trying: this is how to see a
 * refused write.
 */
export const MAX_MESSAGE_LENGTH = 500
