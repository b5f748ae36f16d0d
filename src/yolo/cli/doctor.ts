import type { Command } from 'commander';
import { counted } from '../core/counted';
import { textTable } from '../core/textTable';
import { describeBackend } from '../tensor/describeBackend';
import { advice, type Diagnosis, diagnose, type FoundYear } from './diagnosis';

/** Adds `yolov1 doctor`: what was found on this machine, and what to do about what was not. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what was found on this machine, and what to do about what was not')
    .option('--json', 'the same as JSON')
    .action(async (options: { json?: boolean }) => {
      const found = await diagnose();
      const todo = advice(found);
      process.stdout.write(
        options.json ? `${JSON.stringify({ ...found, advice: todo }, null, 2)}\n` : describe(found, todo),
      );
    });
}

/**
 * A diagnosis as text, one line a fact, then the advice.
 *
 * @param found - What was found.
 * @param todo - What to do about what was not.
 */
export function describe(found: Diagnosis, todo: readonly string[]): string {
  const { platform, tools, backend, data, weights, detector } = found;
  const libc = platform.glibc ? `, glibc ${platform.glibc}` : '';
  const facts: [string, string][] = [
    ['Node', found.node],
    ['platform', `${platform.os} ${platform.architecture}${libc}`],
    ['Python with pip', tools.python ?? '-'],
    ['C++ compiler', tools.compiler ?? '-'],
    ['make', tools.make ?? '-'],
    ['backend', 'error' in backend ? '-' : describeBackend(backend)],
    ...(!('error' in backend) && backend.note ? [['', backend.note] as [string, string]] : []),
    ['GPU', found.gpus.join(', ') || '-'],
    ['WebGPU', adapter(found)],
    ['cores', String(found.cores)],
    ['memory', memory(found)],
    ...budget(found),
    ['cache', `${gigabytes(found.cache.bytes)} in ${found.cache.folder}`],
    ['data', data.years.length > 0 ? data.folder : `none in ${data.folder}`],
    ...data.years.map((year): [string, string] => ['', describeYear(year)]),
    ['weights', `${weights.files.join(', ') || 'none'} in ${weights.folder}`],
    ['detector', 'error' in detector ? '-' : `${detector.name}, ${detector.classes} classes`],
  ];
  const lines = textTable(facts, 2);
  const end =
    todo.length > 0 ? ['', 'To do:', ...todo.map((text) => `- ${text}`)] : ['', 'Nothing is lacking.'];
  return `${[...lines, ...end].join('\n')}\n`;
}

function adapter({ webgpu }: Diagnosis): string {
  if (!webgpu) return '-';
  if ('error' in webgpu) return webgpu.error;
  return webgpu.software ? `${webgpu.name} (software)` : webgpu.name;
}

function memory({ memory, memoryLimit }: Diagnosis): string {
  return memoryLimit === undefined
    ? gigabytes(memory)
    : `${gigabytes(memoryLimit)} (limit of the control group; the machine has ${gigabytes(memory)})`;
}

function budget({ budget }: Diagnosis): [string, string][] {
  return budget && !('error' in budget)
    ? [['memory budget', `${gigabytes(budget.bytes)} (${budget.source})`]]
    : [];
}

function describeYear({ folder, lists, pictures }: FoundYear): string {
  const counts = Object.entries(lists).map(([name, count]) => `${name} ${count}`);
  return `${folder}: ${counts.join(', ') || 'no lists'}; ${counted(pictures, 'picture')}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
