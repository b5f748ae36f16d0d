/** Slope of YOLO's leaky rectifier for negative inputs (arXiv 1506.02640, section 2.2). */
export const LEAKY_SLOPE = 0.1;

/** The non-linearity after a convolution and its normalisation. `leaky` has slope {@link LEAKY_SLOPE}. */
export type Activation = 'relu' | 'leaky' | 'silu' | 'none';

/** Their names in the rows of a network's table. */
export const ACTIVATION_TYPES = { relu: 'ReLU', leaky: 'LeakyReLU', silu: 'SiLU' } as const;
