// The number of the form in which a sandbox is stored.

/** Any change of the tables, or of all else in storage, needs a higher one: a sandbox of another number starts empty. */
export const SCHEMA = 19
