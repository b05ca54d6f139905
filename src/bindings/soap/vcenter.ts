// What a vCenter says of itself over SOAP, to every client.
import { reference, type Xml } from './envelope.ts'

export const PRODUCT = 'update-session-mock'

/**
 * The managers of a vCenter, with the type of each that is not called as its property is. They answer nothing here: each call is refused
 * in words. govc and pyvmomi crash where one is not named, and yavijava, a client of 6.0, where one is younger than it. The
 * customFieldsManager is left out: Ansible's modules read it wherever it is named.
 */
const MANAGERS =
  'setting:OptionManager userDirectory authorizationManager serviceManager perfManager:PerformanceManager scheduledTaskManager ' +
  'alarmManager eventManager taskManager extensionManager customizationSpecManager diagnosticManager ' +
  'licenseManager searchIndex fileManager datastoreNamespaceManager virtualDiskManager ovfManager ipPoolManager ' +
  'dvSwitchManager:DistributedVirtualSwitchManager hostProfileManager storageResourceManager guestOperationsManager'
const managers = Object.fromEntries(
  MANAGERS.split(' ').map((each) => {
    const [name = '', type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`] = each.split(':')
    return [name, reference(type)]
  }),
)

/** What a vCenter says of itself before any login. */
export const vimContent: Record<string, Xml> = {
  rootFolder: reference('Folder', 'group-d1'),
  propertyCollector: reference('PropertyCollector', 'propertyCollector'),
  about: {
    name: 'VMware vCenter Server',
    fullName: `VMware vCenter Server 9.1.0 (${PRODUCT})`,
    vendor: PRODUCT,
    version: '9.1.0',
    build: '0',
    osType: 'linux-x64',
    productLineId: 'vpx',
    // By these clients tell a vCenter from a host.
    apiType: 'VirtualCenter',
    apiVersion: '9.1.0.0',
    instanceUuid: '00000000-0000-4000-8000-000000000000',
  },
  sessionManager: reference('SessionManager'),
  viewManager: reference('ViewManager'),
  ...managers,
}
export const pbmContent: Xml = {
  aboutInfo: { name: 'PBM', version: '2.0', instanceUuid: '00000000-0000-4000-8000-000000000000' },
  sessionManager: reference('PbmSessionManager', 'SessionManager'),
  capabilityMetadataManager: reference('PbmCapabilityMetadataManager', 'CapabilityMetadataManager'),
  profileManager: reference('PbmProfileProfileManager', 'ProfileManager'),
  complianceManager: reference('PbmComplianceManager', 'complianceManager'),
  placementSolver: reference('PbmPlacementSolver', 'placementSolver'),
}

/** The versions of vim25 that a client may speak: what this mock answers is the same in all of them. */
const VERSIONS =
  '9.1.0.0 9.0.0.0 8.0.3.0 8.0.2.0 8.0.1.0 8.0.0.1 7.0.3.2 7.0.3.0 7.0.2.0 7.0.1.0 7.0.0.2 6.7.3 6.7 6.5 6.0 5.5 5.1 5.0 4.1 4.0 2.5u2'
export const serviceVersions = (): string => {
  const [version = '', ...prior] = VERSIONS.split(' ')
  return `<?xml version="1.0" encoding="UTF-8"?>
<namespaces version="1.0">
 <namespace>
  <name>urn:vim25</name>
  <version>${version}</version>
  <priorVersions>${prior.map((each) => `<version>${each}</version>`).join('')}</priorVersions>
 </namespace>
</namespaces>
`
}
