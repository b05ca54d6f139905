// Secrets of a deployment, which wrangler.toml must not name: a variable there would replace the secret.
interface Env {
  ADMIN_TOKEN?: string
}
