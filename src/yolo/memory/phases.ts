/**
 * Phases of a training, in the order in which they first come; `load` is that with the model loaded, before the first
 * step.
 */
export const PHASES = ['load', 'forward', 'backward', 'update', 'evaluate'] as const;
/** One of {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

/** Parts that memory is divided into, in the order of a table; `PART_NAMES` says what each is. */
export const PARTS = [
  'runtime',
  'parameters',
  'optimizer',
  'averages',
  'pictures',
  'gradients',
  'activations',
  'workspace',
  'allocator',
] as const;
/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** Bytes by part at the worst moment of a phase. */
export type PhaseMemory = Readonly<Record<Part, number>> & {
  /** Bytes of all parts together. */
  readonly total: number;
};
