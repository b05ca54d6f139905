// com.vmware.content.library.item.download_session: reference 4, as far as listing what is never there.
import { list } from './update-session.ts'

const all = {
  service: 'com.vmware.content.library.item.download_session',
  path: '/content/library/item/download-session',
}

/** No operation begins a download session here, but `govc library.session.ls` asks for them. */
export const downloadSession = [list(all, () => [])]
