// Runs one module of Ansible on this machine, and answers what it says.
import { inject } from 'vitest'
import { newFolder, PASSWORD, python, run, server, type User } from './harness.ts'
import { COLLECTIONS } from './install.ts'

const clients = inject('clients')

export type Outcome = {
  changed: boolean
  failed: boolean
  msg?: string
  value?: object
  library_item?: { id: string; name: string }
}

/** As the modules of vmware.vmware and community.vmware take a login. */
export function loginOf(user: User): object {
  const { hostname, port } = new URL(server.url)
  return { hostname, port: Number(port), username: user.name, password: PASSWORD }
}

/** `module` with its collection before it. */
export async function ansible(module: string, parameters: object): Promise<Outcome> {
  const home = newFolder()
  const args = ['localhost', '-i', 'localhost,', '-c', 'local', '-m', module]
  const interpreter = 'path' in clients.python ? clients.python.path : ''
  const { code, stdout, stderr } = await run(
    'path' in clients.ansible ? clients.ansible.path : '',
    [...args, '-e', `ansible_python_interpreter=${interpreter}`, '-a', JSON.stringify(parameters)],
    { ...python(home), ANSIBLE_COLLECTIONS_PATH: COLLECTIONS, ANSIBLE_HOME: home, ANSIBLE_NOCOLOR: '1' },
  )
  const [, json] = /=> (\{[^]*\})/.exec(stdout) ?? []
  if (json === undefined) throw new Error(`Ansible said nothing of use: ${stdout}${stderr}`)
  return { ...(JSON.parse(json) as Outcome), failed: code !== 0 }
}
