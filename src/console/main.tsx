// The page below /__admin/: shows one sandbox as it changes, and steers it.
import { render } from 'preact'
import { Console, keepTokenOfAddress } from './console.tsx'

keepTokenOfAddress()
// A link that is pasted into the address bar of this page changes no more than the fragment.
addEventListener('hashchange', () => {
  if (keepTokenOfAddress()) location.reload()
})
const root = document.getElementById('console')
if (root) render(<Console />, root)
