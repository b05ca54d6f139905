// What people import: an ISO image, an OVF package, and the same as one OVA archive.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newFolder } from './harness.ts'

export const DISK_BYTES = 200_000
const digest = (algorithm: string, path: string) => createHash(algorithm).update(readFileSync(path)).digest('hex')
export const sha256 = (path: string): string => digest('sha256', path)

export function anIso(name = 'boot.iso'): string {
  const path = join(newFolder(), name)
  writeFileSync(path, randomBytes(DISK_BYTES))
  return path
}

/** A descriptor, its manifest and its disk in one folder; answers where the descriptor is. */
export function anOvf(name = 'vm'): string {
  const folder = newFolder()
  const descriptor = join(folder, `${name}.ovf`)
  const disk = join(folder, `${name}-disk1.vmdk`)
  writeFileSync(disk, randomBytes(DISK_BYTES))
  writeFileSync(
    descriptor,
    `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:id="file1" ovf:href="${name}-disk1.vmdk" ovf:size="${DISK_BYTES}"/></References>
  <DiskSection><Info>Disks</Info><Disk ovf:capacity="1" ovf:diskId="disk1" ovf:fileRef="file1"/></DiskSection>
  <VirtualSystem ovf:id="${name}"><Info>A virtual machine</Info><Name>${name}</Name></VirtualSystem>
</Envelope>
`,
  )
  const lines = [`${name}.ovf`, `${name}-disk1.vmdk`].map((file) => `SHA256(${file})= ${sha256(join(folder, file))}\n`)
  writeFileSync(join(folder, `${name}.mf`), lines.join(''))
  return descriptor
}

export function anOva(name = 'appliance'): string {
  const folder = join(anOvf(name), '..')
  const path = join(folder, `${name}.ova`)
  execFileSync('tar', ['--format=ustar', '-cf', path, '-C', folder, `${name}.ovf`, `${name}.mf`, `${name}-disk1.vmdk`])
  return path
}
