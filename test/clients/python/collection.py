"""Takes the collection vmware.vmware 2.6.0 out of the package that brings all of Ansible's: it alone is 55 MB smaller.

python collection.py FOLDER
"""

import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = 'ansible==12.3.0'
COLLECTION = 'ansible_collections/vmware/vmware/'

folder = pathlib.Path(sys.argv[1])
if not (folder / COLLECTION / 'MANIFEST.json').exists():
    with tempfile.TemporaryDirectory() as download:
        pip = [sys.executable, '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps']
        subprocess.run([*pip, '--dest', download, PACKAGE], check=True)
        [wheel] = pathlib.Path(download).glob('*.whl')
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if name.startswith(COLLECTION)])
