"""Takes the collections for VMware out of the package that brings all of Ansible's: they alone are 48 MB smaller.

python collection.py FOLDER
"""

import pathlib
import subprocess
import sys
import tempfile
import zipfile

# vmware.vmware 2.6.0, vmware.vmware_rest 4.9.0, community.vmware 5.10.0
PACKAGE = 'ansible==12.3.0'
COLLECTIONS = ('ansible_collections/vmware/', 'ansible_collections/community/vmware/')

folder = pathlib.Path(sys.argv[1])
if not all((folder / collection).exists() for collection in COLLECTIONS):
    with tempfile.TemporaryDirectory() as download:
        pip = [sys.executable, '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps']
        subprocess.run([*pip, '--dest', download, PACKAGE], check=True)
        [wheel] = pathlib.Path(download).glob('*.whl')
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if name.startswith(COLLECTIONS)])
