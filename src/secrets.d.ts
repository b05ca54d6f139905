// What wrangler.toml must not name: a variable there would replace a secret. rules/settings.ts says what each is.
interface Env {
  ADMIN_TOKEN?: string
  LOCAL_ADMIN?: string
  OWN_CONNECTIONS?: string
  /** The folders of a mock that keeps its own state, and where they are: sandboxes, and the bytes of content. */
  OBJECTS?: Fetcher
  OBJECTS_FOLDER?: string
  BYTES?: Fetcher
  BYTES_FOLDER?: string
}
