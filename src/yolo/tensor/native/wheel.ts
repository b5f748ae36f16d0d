/** Which build of the native library: for the processor alone, or, on Linux x86-64, for NVIDIA GPUs too. */
export type Runtime = 'cpu' | 'cuda';

/** A system that TensorFlow publishes wheels for, as Node names it. */
export type Target = 'linux-x64' | 'linux-arm64' | 'darwin-arm64';

/** A Python wheel that holds libraries we need, named so fully that its hash can be known beforehand. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** Size of the download, in units of 10^6 bytes. */
  readonly megabytes: number;
}

/** Version of TensorFlow in both runtimes. tfjs-node 4.22 builds and runs on its C API unchanged. */
export const TENSORFLOW_VERSION = '2.21.0';

/**
 * Tags that choose one wheel, whatever Python the user has: the libraries in it don't depend on Python.
 * The hashes below hold for these.
 */
export const WHEEL_TAGS = { pythonVersion: '3.11', implementation: 'cp', abi: 'cp311' } as const;

/** Tags of the systems that a wheel may be made for. */
export const PLATFORM_TAGS: Readonly<Record<Target, readonly string[]>> = {
  'linux-x64': ['manylinux_2_27_x86_64', 'manylinux_2_25_x86_64', 'manylinux2014_x86_64'],
  'linux-arm64': ['manylinux_2_27_aarch64'],
  'darwin-arm64': ['macosx_12_0_arm64'],
};

const CPU: Readonly<Record<Target, Wheel>> = {
  'linux-x64': {
    name: 'tensorflow-cpu',
    version: TENSORFLOW_VERSION,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    megabytes: 274,
  },
  'linux-arm64': {
    name: 'tensorflow',
    version: TENSORFLOW_VERSION,
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    megabytes: 282,
  },
  'darwin-arm64': {
    name: 'tensorflow',
    version: TENSORFLOW_VERSION,
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    megabytes: 224,
  },
};

/** CUDA 12.9 and what TensorFlow's extra `and-cuda` names; any driver for CUDA 12 (525 or newer) runs it. */
const CUDA: readonly Wheel[] = [
  {
    name: 'tensorflow',
    version: TENSORFLOW_VERSION,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    megabytes: 572,
  },
  {
    name: 'nvidia-cublas-cu12',
    version: '12.9.3.13',
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    megabytes: 581,
  },
  {
    name: 'nvidia-cuda-cupti-cu12',
    version: '12.9.79',
    sha256: '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
    megabytes: 11,
  },
  {
    name: 'nvidia-cuda-nvcc-cu12',
    version: '12.9.86',
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    megabytes: 41,
  },
  {
    name: 'nvidia-cuda-nvrtc-cu12',
    version: '12.9.86',
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    megabytes: 90,
  },
  {
    name: 'nvidia-cuda-runtime-cu12',
    version: '12.9.79',
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    megabytes: 4,
  },
  {
    name: 'nvidia-cudnn-cu12',
    version: '9.28.0.42',
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    megabytes: 717,
  },
  {
    name: 'nvidia-cufft-cu12',
    version: '11.4.1.4',
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    megabytes: 201,
  },
  {
    name: 'nvidia-curand-cu12',
    version: '10.3.10.19',
    sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    megabytes: 68,
  },
  {
    name: 'nvidia-cusolver-cu12',
    version: '11.7.5.82',
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    megabytes: 338,
  },
  {
    name: 'nvidia-cusparse-cu12',
    version: '12.5.10.65',
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    megabytes: 367,
  },
  {
    name: 'nvidia-nccl-cu12',
    version: '2.32.3',
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    megabytes: 352,
  },
  {
    name: 'nvidia-nvjitlink-cu12',
    version: '12.9.86',
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    megabytes: 40,
  },
];

/** The wheels of a runtime. Their libraries find each other by relative paths once they lie side by side. */
export function wheelsOf(runtime: Runtime, target: Target): readonly Wheel[] {
  return runtime === 'cuda' ? CUDA : [CPU[target]];
}

/** Disk that a finished runtime takes, in units of 10^6 bytes. */
export function installedMegabytes(runtime: Runtime, target: Target): number {
  if (runtime === 'cuda') return 5_596;
  return { 'linux-x64': 854, 'linux-arm64': 887, 'darwin-arm64': 744 }[target];
}

/** Size of a download, in units of 10^6 bytes. */
export function downloadMegabytes(wheels: readonly Wheel[]): number {
  return wheels.reduce((sum, wheel) => sum + wheel.megabytes, 0);
}
