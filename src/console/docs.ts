// The reference of the API, rendered from the document that this mock serves.
declare const SwaggerUIBundle: (options: object) => void

const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()

/** What "Execute" has made of an operation of the document. */
type Asked = { spec: { paths: Record<string, object>; servers: object[] } }

/**
 * Swagger UI fills in no path that has a query, such as `…/{updateSessionId}?action=cancel`. So it gets one with a semicolon,
 * which no value brings, since it is escaped there.
 */
const fillIn = {
  statePlugins: {
    spec: {
      wrapActions: {
        executeRequest: (execute: (asked: Asked) => unknown) => (asked: Asked) => {
          const paths = Object.entries(asked.spec.paths).map(([path, item]) => [path.replace('?', ';'), item])
          // The path of a proxy may stand before that of the mock.
          const servers = [{ url: new URL('../api', location.href).pathname }]
          return execute({ ...asked, spec: { ...asked.spec, servers, paths: Object.fromEntries(paths) } })
        },
      },
    },
  },
}

SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  // It would ask a server elsewhere whether the document is valid.
  validatorUrl: null,
  plugins: [fillIn],
  // A name alone, as in `file?name`, is the name of a parameter, which follows.
  requestInterceptor: (request: { url: string }) =>
    Object.assign(request, { url: request.url.replace(/;\w+\?/, '?').replace(';', '?') }),
})
