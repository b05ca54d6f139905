// The number of the form in which a sandbox is stored; in a file of its own, for the build, which knows no types of the platform.

/** Any change of the tables, or of all else in storage, needs a higher one: a sandbox of another number starts empty. */
export const SCHEMA = 19
