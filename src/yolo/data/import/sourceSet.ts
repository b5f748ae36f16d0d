/** How a source writes boxes. */
export type BoxKind =
  /** VOC's: pixels with both ends included, counted from 1 as VOC does or from 0 as some tools do. */
  | 'pixels'
  /** COCO's: edges in pixels, the picture begins at 0. */
  | 'edges'
  /** YOLO's: edges in shares of the picture's sides. */
  | 'shares';

/** One object as the source has it, before anything is mended. */
export interface SourceObject {
  readonly name: string;
  readonly difficult: boolean;
  /** COCO's, which become difficult objects. */
  readonly crowd?: boolean;
  /** Of the object itself, in square pixels, where the source says it. */
  readonly area?: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** One picture as the source has it. Paths lie within the source's folder. */
export interface SourcePicture {
  readonly picture: string;
  /** The file that annotates it. */
  readonly annotation: string;
  /** `train`, `val` or `test`, where the source says it. */
  readonly list?: string;
  /** Size that the source says, where it says one. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly objects: readonly SourceObject[];
}

/** Something that a person must look at, and what to do. */
export interface ImportProblem {
  /** Path within the source's folder. */
  readonly file: string;
  readonly problem: string;
}

/** A data set as it was read from a source. */
export interface SourceSet {
  readonly boxes: BoxKind;
  readonly pictures: readonly SourcePicture[];
  /** Class names in the source's order, where it has one; without one they are sorted. */
  readonly classes?: readonly string[];
  readonly problems: readonly ImportProblem[];
  /** One sentence for each thing that was passed over or understood in an unusual way. */
  readonly remarks: readonly string[];
}
