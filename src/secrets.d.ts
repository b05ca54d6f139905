// What wrangler.toml must not name.
interface Env {
  /** A secret of a deployment: a variable there would replace it. */
  ADMIN_TOKEN?: string
  /** `on`: opens the admin API without a token. Only a start of this package sets it, when it listens on loopback. */
  LOCAL_ADMIN?: string
}
