"""The peer of `npm run bench -- --peer`: the work of work.ts in PyTorch and pycocotools, on a GPU where there is CUDA.

Started with the work as JSON and the number of threads; speaks as worker.ts does.
Needs torch and torchvision; for evaluation numpy and pycocotools; for loading pillow.
"""
import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path

WORK, THREADS = json.loads(sys.argv[1]), int(sys.argv[2])


def resident(field):
    lines = Path('/proc/self/status').read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def best_device():
    import torch
    return 'cuda' if torch.cuda.is_available() else 'cpu'


def network(name, norm):
    from torch import nn
    from torchvision.models import resnet18

    def block(inputs, outputs, kernel=3, stride=1):
        conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)
        return [conv, norm(outputs), nn.LeakyReLU(0.1, inplace=True)]

    def dense(channels):
        return [
            *block(channels, 512), *block(512, 512), nn.Flatten(),
            nn.Linear(25088, 1024), nn.LeakyReLU(0.1, inplace=True), nn.Dropout(0.5), nn.Linear(1024, 1470),
        ]

    if name == 'baseline':
        layers = [*block(3, 64, 7, 2), nn.MaxPool2d(2)]
        channels = 64
        for stage in [(3, 192)], [(1, 128), (3, 256)], [(1, 256), (3, 512)], [(1, 512), (3, 1024)]:
            for kernel, filters in stage:
                layers += block(channels, filters, kernel)
                channels = filters
            layers.append(nn.MaxPool2d(2))
        return nn.Sequential(*layers, *dense(1024))
    body = list(resnet18(weights=None, norm_layer=norm).children())[:-2]
    if name == 'resnet18':
        return nn.Sequential(*body, *block(512, 512, 3, 2), *dense(512))
    head = [*block(512, 256), nn.Dropout2d(0.1), *block(256, 256), nn.Conv2d(256, 30, 1)]
    return nn.Sequential(*body, *head)


def network_work():
    import torch
    from torch import nn
    from torch.fx.experimental.optimization import fuse
    from torchvision.ops.misc import FrozenBatchNorm2d

    kind = WORK['kind']
    net = network(WORK['network'], FrozenBatchNorm2d if kind == 'frozen' else nn.BatchNorm2d)
    device = best_device()
    net = net.to(device, memory_format=torch.channels_last)
    if kind == 'update':
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4, weight_decay=5e-4)
        for parameter in net.parameters():
            parameter.grad = 0.01 * torch.randn_like(parameter)

        def update():
            optimizer.step()
            if device == 'cuda':
                torch.cuda.synchronize()
            return 0.0

        return update
    images = torch.randn(WORK['batch'], 3, 448, 448).to(device, memory_format=torch.channels_last)
    if kind == 'forward':
        folded = fuse(net.eval()).to(memory_format=torch.channels_last)

        @torch.inference_mode()
        def forward():
            return folded(images).square().mean().item()

        return forward
    net.train()

    def backward():
        net.zero_grad(set_to_none=True)
        loss = net(images).square().mean()
        loss.backward()
        return loss.item()

    return backward


def loading_work():
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset
    from torchvision.transforms.functional import normalize, pil_to_tensor

    folder = Path(WORK['folder'])
    lines = (folder / 'ImageSets/Main' / f"{WORK['split']}.txt").read_text().splitlines()
    ids = [line.split()[0] for line in lines][:WORK['pictures']]

    class Pictures(Dataset):
        def __len__(self):
            return len(ids)

        def __getitem__(self, index):
            picture = Image.open(folder / 'JPEGImages' / f'{ids[index]}.jpg').convert('RGB')
            pixels = pil_to_tensor(picture.resize((448, 448), Image.BILINEAR)) / 255
            return normalize(pixels, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])

    # As many processes as the other side has decoding threads.
    loader = DataLoader(Pictures(), 16, num_workers=max(1, THREADS - 1), persistent_workers=True)
    return lambda: float(sum(len(batch) for batch in loader))


def nms_work():
    import torch
    from torchvision.ops import batched_nms

    made = json.loads(Path(WORK['file']).read_text())
    boxes, scores = torch.tensor(made['boxes']).view(-1, 4), torch.tensor(made['scores'])
    classes = torch.tensor(made['classes'])

    def suppress():
        for _ in range(made['calls']):
            kept = batched_nms(boxes, scores, classes, 0.5)
        return float(len(kept))

    return suppress


def evaluation_work():
    import numpy
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    class IgnoreEval(COCOeval):
        def _prepare(self):  # It takes crowds for what is ignored; VOC's difficult objects are ignored but no crowds.
            super()._prepare()
            for objects in self._gts.values():
                for one in objects:
                    one['ignore'] = one['difficult']

    folder = Path(WORK['folder'])
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / 'objects.json'))
        found = truth.loadRes(numpy.fromfile(folder / 'detections.f64').reshape(-1, 7))

    def evaluate():
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = IgnoreEval(truth, found, 'bbox')
            if WORK['rules'] == 'voc':  # The nearest that it has: one threshold, no size ranges.
                evaluation.params.iouThrs = numpy.array([0.5])
                evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ['all']
                evaluation.params.maxDets = [100]
            evaluation.evaluate()
            evaluation.accumulate()
        precision = evaluation.eval['precision'][:, :, :, 0, -1]
        return float(precision[precision > -1].mean())

    return evaluate


def main():
    import torch
    import torchvision  # noqa: F401  Loaded before memory is counted.
    torch.set_num_threads(THREADS)
    # The other side computes in float32; this one would round the factors of convolutions to 10 bits on a GPU.
    torch.backends.cudnn.allow_tf32 = False
    name = f'torch {torch.__version__}'
    on_gpu = best_device() == 'cuda' and WORK['kind'] in ('forward', 'frozen', 'batch', 'update')
    if on_gpu:
        name += f' on {torch.cuda.get_device_name()}'
    if WORK['kind'] == 'evaluation':
        import pycocotools
        from importlib.metadata import version
        name = f"pycocotools {version('pycocotools')}"
    loaded = resident('VmRSS')
    with contextlib.suppress(OSError):
        Path('/proc/self/clear_refs').write_text('5')
    prepare = {'loading': loading_work, 'nms': nms_work, 'evaluation': evaluation_work}
    repeat = prepare.get(WORK['kind'], network_work)()
    print(json.dumps({'contestant': name}), flush=True)
    for line in sys.stdin:
        if line.strip() == 'end':
            break
        start = time.perf_counter()
        figure = repeat()
        print(json.dumps({'seconds': time.perf_counter() - start, 'figure': figure}), flush=True)
    # Pictures are decoded in other processes, whose memory is not seen here.
    peak = None if WORK['kind'] == 'loading' else resident('VmHWM') - loaded
    if on_gpu:
        peak = torch.cuda.max_memory_reserved() / 2 ** 20
    print(json.dumps({'peak': peak}), flush=True)
    os._exit(0)


main()
