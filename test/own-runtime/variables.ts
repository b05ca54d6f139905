// The settings under which stories run, in either runtime.

/** A source that fails is asked again at once; one that is silent has soon failed. */
export const VARIABLES = { PULL_HOSTS: 'loopback', PULL_RETRY_SECONDS: '0.01', PULL_STALL_SECONDS: '4' }
