import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { run } from './program';

/**
 * Takes what the addon needs out of a wheel: of TensorFlow the two libraries and the C headers that ours
 * include, of NVIDIA's wheels libraries, the assembler and the device code. Python's zipfile checks each
 * file's CRC and streams files of any size.
 */
const SCRIPT = String.raw`
import os, re, shutil, sys, zipfile
wheel, target = sys.argv[1:]
archive = zipfile.ZipFile(wheel)
names = set(archive.namelist())

def take(name, path):
    path = os.path.join(target, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with archive.open(name) as source, open(path, 'wb') as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
    if (archive.getinfo(name).external_attr >> 16) & 0o111:
        os.chmod(path, 0o755)

for name in sorted(names):
    if re.fullmatch(r'tensorflow/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)', name):
        take(name, 'lib/' + os.path.basename(name))
    elif re.fullmatch(r'nvidia/[^/]+/lib/[^/]+\.so[.0-9]*|nvidia/cuda_nvcc/(bin/ptxas|nvvm/libdevice/.*)', name):
        take(name, name)

include = 'tensorflow/include/'
todo = ['tensorflow/c/c_api.h', 'tensorflow/c/eager/c_api.h', 'tensorflow/core/platform/ctstring_internal.h']
done = set()
while todo:
    header = todo.pop()
    if header in done or include + header not in names:
        continue
    done.add(header)
    take(include + header, 'include/' + header)
    text = archive.read(include + header).decode()
    todo += re.findall(r'^#include "([^"]+)"', text, re.M)
`;

/**
 * Unpacks the libraries and headers of a wheel.
 *
 * @param python - Python 3.
 * @param wheel - The file.
 * @param folder - Gets `lib/`, `include/` (TensorFlow) and `nvidia/` (NVIDIA's wheels).
 * @throws {@link UserError} if the file is no wheel or has none of these.
 */
export async function extract(python: string, wheel: string, folder: string): Promise<void> {
  await run(python, ['-c', SCRIPT, wheel, folder], {});
  if (!['lib', 'nvidia'].some((part) => existsSync(join(folder, part)))) {
    throw new UserError(`${wheel} holds no library that TensorFlow or CUDA needs`);
  }
}
