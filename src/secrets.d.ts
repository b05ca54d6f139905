// What wrangler.toml must not name: a variable there would replace a secret. rules/settings.ts says what each is.
interface Env {
  ADMIN_TOKEN?: string
  LOCAL_ADMIN?: string
  OWN_CONNECTIONS?: string
}
