import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from './errors';

/** The backends a detector can run on: TensorFlow's own library, a GPU through WebGPU, or WebAssembly. */
export const BACKENDS = ['tensorflow', 'webgpu', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** The scales of an experiment, from the smallest on. */
export const PROFILES = ['smoke', 'short', 'mini', 'full'] as const;
/**
 * The scale of a run: `smoke` on generated scenes in seconds, `short` to see a run on photographs work at all, `mini`
 * on some two thousand pictures, `full` on VOC2012 with a GPU.
 */
export type Profile = (typeof PROFILES)[number];

/** Everything that the environment decides. Only this file reads or writes `process.env`. */
export interface Environment {
  /** `YOLOV1_BACKEND`: the backend to use, whatever is installed. Default: the best one; see `initBackend`. */
  readonly backend?: BackendName;
  /** `YOLOV1_DATA`: folder that holds VOC2012 and VOC2007. Default: `data/VOCdevkit`. */
  readonly dataFolder: string;
  /** `YOLOV1_WEIGHTS`: folder of pre-trained weights. Default: `data/weights`. */
  readonly weightsFolder: string;
  /**
   * `YOLOV1_CACHE`: what can be made again (native runtime, features). Default: `yolov1` in
   * `$XDG_CACHE_HOME`, else in `~/.cache`.
   */
  readonly cacheFolder: string;
  /** `YOLOV1_PROFILE`: scale of a notebook's runs. Default: `mini` where data or records are, else `smoke`. */
  readonly profile?: Profile;
  /** `YOLOV1_MEMORY`: what a training may take, such as `6GB`. Default: no budget. */
  readonly memory?: string;
  /** `NO_COLOR` (any non-empty text): no colours in what is printed. */
  readonly noColor: boolean;
  /** `CI` (anything but empty, `0` or `false`): nobody is watching, so no bar that redraws itself. */
  readonly ci: boolean;
  /**
   * `YOLOV1_BF16` (anything but empty, `0` or `false`): oneDNN may round the factors of convolutions and matrix
   * products to bfloat16, which for float32 tensors it does on processors with AMX only: on an AMD EPYC with
   * AVX512-BF16 it kept its float32 kernels and gave the same loss to the last bit in the same time. Default: no.
   */
  readonly bfloat16: boolean;
  /** `ONEDNN_DEFAULT_FPMATH_MODE` as TensorFlow will see it, such as `BF16`. Default: unset, plain float32. */
  readonly oneDnnMathMode?: string;
  /** `PATH`: where programs are looked for. */
  readonly searchPath: string;
}

/**
 * Reads the environment. Relative folders are taken from the working directory.
 *
 * @param variables - Default: `process.env`.
 * @throws {@link UserError} if `YOLOV1_BACKEND` or `YOLOV1_PROFILE` is none of theirs.
 */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Environment {
  const backend = variables.YOLOV1_BACKEND || undefined;
  if (backend !== undefined && !isBackendName(backend)) {
    throw new UserError(
      `YOLOV1_BACKEND is '${backend}', expected ${BACKENDS.map((name) => `'${name}'`).join(' or ')}; unset it to let the program choose`,
    );
  }
  const profile = variables.YOLOV1_PROFILE || undefined;
  if (profile !== undefined && !isProfile(profile)) {
    throw new UserError(
      `YOLOV1_PROFILE is '${profile}', expected one of ${PROFILES.join(', ')}; unset it to let the notebook choose`,
    );
  }
  const cacheHome = variables.XDG_CACHE_HOME || join(homedir(), '.cache');
  return {
    ...(backend ? { backend } : {}),
    dataFolder: resolve(variables.YOLOV1_DATA || join('data', 'VOCdevkit')),
    weightsFolder: resolve(variables.YOLOV1_WEIGHTS || join('data', 'weights')),
    cacheFolder: resolve(variables.YOLOV1_CACHE || join(cacheHome, 'yolov1')),
    ...(profile ? { profile } : {}),
    ...(variables.YOLOV1_MEMORY ? { memory: variables.YOLOV1_MEMORY } : {}),
    noColor: Boolean(variables.NO_COLOR),
    ci: isOn(variables.CI),
    bfloat16: isOn(variables.YOLOV1_BF16),
    ...(variables.ONEDNN_DEFAULT_FPMATH_MODE ? { oneDnnMathMode: variables.ONEDNN_DEFAULT_FPMATH_MODE } : {}),
    searchPath: variables.PATH ?? '',
  };
}

/**
 * Sets variables that the native library reads once, when it is loaded. A value that the user has set stays.
 *
 * @param values - Names and values, such as `TF_CPP_MIN_LOG_LEVEL: '2'`.
 */
export function setUnlessGiven(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) process.env[name] ??= value;
}

/** The whole environment with additions, for a program that is started. */
export function childEnvironment(additions: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...additions };
}

function isOn(text = ''): boolean {
  return !['', '0', 'false'].includes(text);
}

function isBackendName(text: string): text is BackendName {
  return (BACKENDS as readonly string[]).includes(text);
}

function isProfile(text: string): text is Profile {
  return (PROFILES as readonly string[]).includes(text);
}
