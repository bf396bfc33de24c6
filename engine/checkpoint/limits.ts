// Limits of a checkpoint file, in bytes. The page reads them too, without the rest of this room.

/** The largest model that an engine trains makes 77 MB; the losses of a long run add some. */
export const MOST_BYTES = 128 * 2 ** 20;
/** The longest header that is read or written. The format itself allows 100 MB. */
export const MOST_HEADER = 65_536;
/** What stands before the header: its length. */
export const PREFIX = 8;
