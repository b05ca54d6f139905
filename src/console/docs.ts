// The reference of the API, rendered from the document that this mock serves.
declare const SwaggerUIBundle: (options: object) => void

const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()

SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  // It would ask a server elsewhere whether the document is valid.
  validatorUrl: null,
})
