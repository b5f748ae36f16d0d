import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { type BackendName, readEnvironment } from '../core/environment';
import { messageOf } from '../core/errors';
import { findDevkits } from '../data/findDevkits';
import { checkSavedDetector } from '../detect/detectorFolder';
import { SHIPPED, shippedDetector } from '../detect/shippedDetector';
import { type MemoryBudget, memoryBudget } from '../memory/budget';
import { type Device, deviceOf } from '../memory/devices';
import { givenBudget } from '../run/setup/memoryPlan';
import { type BackendInfo, initBackend } from '../tensor/backend';
import { detectGpus, detectPlatform, type Platform, platformRefused } from '../tensor/native/platform';
import { findTools, missingTools, type Tools } from '../tensor/native/tools';
import { nodeRefused } from '../tensor/tensorflow';
import { findAdapter, mayHaveGpu } from '../tensor/webgpu/adapter';

/** One year of VOC data: its id lists and how many ids each has. */
export interface FoundYear {
  readonly folder: string;
  readonly lists: Readonly<Record<string, number>>;
  readonly pictures: number;
}

/** What was found on this machine. Sizes in bytes. */
export interface Diagnosis {
  readonly node: string;
  readonly platform: Platform;
  readonly tools: Tools;
  /** Or why none starts. */
  readonly backend: BackendInfo | { readonly error: string };
  /** `YOLOV1_BACKEND`, if it is set. */
  readonly forced?: BackendName;
  readonly gpus: readonly string[];
  /** The graphics processor that WebGPU offers, or why it offers none; absent on a machine that shows none. */
  readonly webgpu?: { readonly name: string; readonly software: boolean } | { readonly error: string };
  readonly cores: number;
  readonly memory: number;
  /** What the control group leaves this process of it; absent without a limit. */
  readonly memoryLimit?: number;
  /** What a training would be planned for, or what is wrong with it. */
  readonly budget?: MemoryBudget | { readonly error: string };
  readonly cache: { readonly folder: string; readonly bytes: number };
  readonly data: { readonly folder: string; readonly years: readonly FoundYear[] };
  readonly weights: { readonly folder: string; readonly files: readonly string[] };
  /** The one that comes with the package, or what is wrong with it. */
  readonly detector: { readonly name: string; readonly classes: number } | { readonly error: string };
}

/** Looks at everything. Starts the backend. */
export async function diagnose(): Promise<Diagnosis> {
  const environment = readEnvironment();
  const { dataFolder, yearFolders } = findDevkits(environment);
  const limit = process.constrainedMemory();
  const [tools, gpus, backend, webgpu, detector] = await Promise.all([
    findTools(),
    detectGpus(),
    initBackend().catch((error) => ({ error: messageOf(error) })),
    lookForAdapter(environment.backend),
    lookAtDetector().catch((error) => ({ error: messageOf(error) })),
  ]);
  return {
    node: process.versions.node,
    platform: detectPlatform(),
    tools,
    backend,
    ...(environment.backend ? { forced: environment.backend } : {}),
    gpus,
    ...(webgpu ? { webgpu } : {}),
    cores: availableParallelism(),
    memory: totalmem(),
    // Without a limit the kernel answers with a number larger than any memory.
    ...(limit && limit < totalmem() ? { memoryLimit: limit } : {}),
    budget: budgetOf('device' in backend ? deviceOf(backend) : 'cpu'),
    cache: { folder: environment.cacheFolder, bytes: bytesIn(environment.cacheFolder) },
    data: { folder: dataFolder, years: yearFolders.map(lookAtYear) },
    weights: { folder: environment.weightsFolder, files: weightsIn(environment.weightsFolder) },
    detector,
  };
}

async function lookAtDetector() {
  const { about } = await checkSavedDetector(shippedDetector());
  return { name: SHIPPED, classes: about.spec.classes.length };
}

async function lookForAdapter(forced: BackendName | undefined): Promise<Diagnosis['webgpu']> {
  if (forced !== 'webgpu' && !mayHaveGpu()) return undefined;
  try {
    const { name, software } = await findAdapter();
    return { name, software };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function budgetOf(device: Device): Diagnosis['budget'] {
  try {
    return givenBudget(device) ?? memoryBudget({ device });
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** What is lacking, each with what to do about it, in the order of a repair. */
export function advice(found: Diagnosis): string[] {
  const { data, weights, detector } = found;
  return [
    ...backendAdvice(found),
    ...(found.budget && 'error' in found.budget ? [found.budget.error] : []),
    ...(data.years.length > 0
      ? []
      : [
          `no VOC data in ${data.folder}: npx yolov1 data fetch voc2012, or set YOLOV1_DATA to the folder that holds VOC2012`,
        ]),
    ...(weights.files.length > 0
      ? []
      : [
          `no weights in ${weights.folder}: npx yolov1 weights fetch resnet18, or set YOLOV1_WEIGHTS to the folder that has them`,
        ]),
    ...('error' in detector ? [detector.error] : []),
  ];
}

function backendAdvice({ backend, forced, node, platform, tools, gpus, webgpu }: Diagnosis): string[] {
  if ('name' in backend && backend.name === 'tensorflow') {
    return gpus.length > 0 && backend.device === 'cpu'
      ? [`TensorFlow computes on the processor though there is a GPU (${gpus[0]}): npx yolov1 setup`]
      : [];
  }
  if ('name' in backend && backend.name === 'webgpu') {
    return forced && webgpu && 'software' in webgpu && webgpu.software
      ? [
          `YOLOV1_BACKEND=webgpu forces ${webgpu.name}, software that is slower than any other backend: unset it`,
        ]
      : [];
  }
  if (forced === 'webgpu' && 'error' in backend) return [backend.error];
  if (forced === 'wasm') return ['YOLOV1_BACKEND=wasm forces the slow backend: unset it'];
  const refused = nodeRefused(node) ?? platformRefused(platform);
  if (refused) return [refused];
  const missing = missingTools(tools);
  const reason = 'error' in backend ? backend.error : backend.note;
  return [
    ...(missing ? [missing] : []),
    `${reason}${reason.includes('npx yolov1 setup') ? '' : '; run: npx yolov1 setup'}`,
  ];
}

/** Lists of whole years, such as `train`; those of a class, such as `cat_train`, say no more. */
function lookAtYear(folder: string): FoundYear {
  const main = join(folder, 'ImageSets', 'Main');
  const names = readdirSync(main).filter((name) => /^[^_]+\.txt$/.test(name));
  const count = (name: string) => readFileSync(join(main, name), 'utf8').split('\n').filter(Boolean).length;
  const pictures = join(folder, 'JPEGImages');
  return {
    folder,
    lists: Object.fromEntries(names.sort().map((name) => [basename(name, '.txt'), count(name)])),
    pictures: existsSync(pictures) ? readdirSync(pictures).length : 0,
  };
}

function weightsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => {
      const size = statSync(join(parentPath, name), { throwIfNoEntry: false })?.size;
      return sum + (size ?? 0);
    }, 0);
}
