/** Rows of a file at most: a Map holds no more entries, and a row's number fits 24 bits. */
export const ROW_LIMIT = 2 ** 24;
