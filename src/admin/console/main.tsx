// The page below /__admin/: shows one sandbox as it changes, and steers it.
import { render } from 'preact'
import { Console } from './console.tsx'

const root = document.getElementById('console')
if (root) render(<Console />, root)
