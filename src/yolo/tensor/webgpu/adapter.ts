import { readdirSync } from 'node:fs';
import { messageOf, UserError } from '../../core/errors';

/** A graphics processor that WebGPU offers. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** As its driver calls it, such as `SwiftShader driver 5.0.0`. */
  readonly name: string;
  /** Whether a processor only pretends to be one. */
  readonly software: boolean;
}

/** Device files of graphics processors on Linux: Mesa's and most others', NVIDIA's, and that of Windows' subsystem. */
const LINUX_DEVICES = /^(renderD\d+|nvidia\d+|dxg)$/;

/**
 * Whether it is worth asking WebGPU. Linux shows a graphics processor as a file; on a machine without one, Dawn would
 * be loaded for nothing and complain on stderr that there is no Vulkan.
 */
export function mayHaveGpu(): boolean {
  if (process.platform !== 'linux') return true;
  return ['/dev', '/dev/dri'].some((folder) => namesIn(folder).some((name) => LINUX_DEVICES.test(name)));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * The graphics processor that WebGPU offers first, through Dawn: by Metal, Direct3D 12 or Vulkan.
 *
 * @throws {@link UserError} in one line, if Dawn is not installed or has no build for this system, or finds none.
 */
export async function findAdapter(): Promise<FoundAdapter> {
  const adapter = await (await loadDawn()).requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new UserError(
      'WebGPU finds no graphics processor: its driver for Vulkan, Metal or Direct3D 12 is missing',
    );
  }
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  return { adapter, name: description || `${vendor} ${architecture}`, software: isFallbackAdapter };
}

let dawn: Promise<GPU> | undefined;

function loadDawn(): Promise<GPU> {
  dawn ??= startDawn();
  return dawn;
}

async function startDawn(): Promise<GPU> {
  let webgpu: { create(options: string[]): GPU; globals: object };
  try {
    webgpu = await import('webgpu');
  } catch (error) {
    throw new UserError(whyNotLoaded(messageOf(error), `${process.platform} ${process.arch}`));
  }
  // Classes such as GPUBuffer, which the backend expects to find where a browser has them.
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(webgpu.globals))) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { ...property, configurable: true });
  }
  return webgpu.create([]);
}

/**
 * One line from what Node said when Dawn didn't load.
 *
 * @param message - Message of the error.
 * @param platform - Such as `linux x64`.
 */
export function whyNotLoaded(message: string, platform: string): string {
  if (/Cannot find package 'webgpu'/.test(message)) {
    return 'WebGPU is not installed; run: npm install webgpu@0.6.2';
  }
  if (/Cannot find module .*dawn\.node/.test(message)) return `WebGPU has no build for ${platform}`;
  return `WebGPU does not load (${message.split('\n')[0]})`;
}
