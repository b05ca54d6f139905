// What clients of vSphere read from the environment to find their server.

/** By which `start()` learns of the mutant that the verb `mutants` tries. */
export const MUTANT_VARIABLE = 'UPDATE_SESSION_MOCK_MUTANT'

export type Place = { url: string; user: string; password: string; caFile?: string | undefined }

/** By name: govc, Terraform's provider, Ansible's collections, and the mock's own address. */
export function environment({ url, user, password, caFile }: Place): Record<string, string> {
  const { host, hostname, port, protocol } = new URL(url)
  const govc = new URL('/sdk', url)
  govc.username = encodeURIComponent(user)
  govc.password = encodeURIComponent(password)
  return {
    UPDATE_SESSION_MOCK_URL: url,
    GOVC_URL: govc.href,
    VSPHERE_SERVER: host,
    VSPHERE_USER: user,
    VSPHERE_PASSWORD: password,
    VMWARE_HOST: hostname,
    // A URL leaves out the usual one.
    VMWARE_PORT: port || (protocol === 'https:' ? '443' : '80'),
    VMWARE_USER: user,
    VMWARE_PASSWORD: password,
    ...(caFile !== undefined && {
      GOVC_TLS_CA_CERTS: caFile,
      NODE_EXTRA_CA_CERTS: caFile,
      VSPHERE_ALLOW_UNVERIFIED_SSL: 'true',
      VMWARE_VALIDATE_CERTS: 'false',
    }),
  }
}

/** Lines for a shell to read. */
export const exportLines = (variables: Record<string, string>): string[] =>
  Object.entries(variables).map(([name, value]) => `export ${name}=${quotedForShell(value)}`)

/** One word of a shell's line: in quotes where the shell would read more than its characters. */
export const shellWord = (text: string): string => (PLAIN_WORD.test(text) ? text : quotedForShell(text))
const PLAIN_WORD = /^[\w.,:/@%+-]+$/
const quotedForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
