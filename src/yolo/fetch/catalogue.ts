/** An archive that holds a part of one year of VOC. */
export interface VocArchive {
  /** Name of the archive, on the server and here. */
  readonly file: string;
  /** Address on the VOC server. */
  readonly url: string;
  /** MD5 that is published with it, in hexadecimal. */
  readonly md5: string;
  /** Size of the archive in bytes. Unpacked it takes as much: a tar does not compress, and JPEG can't be. */
  readonly bytes: number;
  /** Name of the id list that comes with it. */
  readonly list: string;
  /** Number of ids in that list. */
  readonly pictures: number;
  /** Most files and folders that it may hold; with more it is not this archive. */
  readonly maxEntries: number;
}

/** One year of VOC as it is published. */
export interface VocSet {
  /** Name of the year's folder. */
  readonly year: string;
  /** The archives that together make the folder. */
  readonly archives: readonly VocArchive[];
}

const VOC_SERVER = 'http://host.robots.ox.ac.uk/pascal/VOC';

/** What `data fetch` can fetch: the archives of the VOC server, with their published MD5 sums. */
export const VOC_SETS = {
  /** Lists train, val and trainval; the test set has no public annotations. */
  voc2012: {
    year: 'VOC2012',
    archives: [
      {
        file: 'VOCtrainval_11-May-2012.tar',
        url: `${VOC_SERVER}/voc2012/VOCtrainval_11-May-2012.tar`,
        md5: '6cd6e144f989b92b3379bac3b3de84fd',
        bytes: 1_999_639_040,
        list: 'trainval',
        pictures: 11_540,
        maxEntries: 60_000,
      },
    ],
  },
  /** Lists train, val, trainval and test. */
  voc2007: {
    year: 'VOC2007',
    archives: [
      {
        file: 'VOCtrainval_06-Nov-2007.tar',
        url: `${VOC_SERVER}/voc2007/VOCtrainval_06-Nov-2007.tar`,
        md5: 'c52e279531787c972589f7e41ab4ae64',
        bytes: 460_032_000,
        list: 'trainval',
        pictures: 5_011,
        maxEntries: 20_000,
      },
      {
        file: 'VOCtest_06-Nov-2007.tar',
        url: `${VOC_SERVER}/voc2007/VOCtest_06-Nov-2007.tar`,
        md5: 'b6e924de25625d8de591ea690078ad9f',
        bytes: 451_020_800,
        list: 'test',
        pictures: 4_952,
        maxEntries: 20_000,
      },
    ],
  },
} as const satisfies Record<string, VocSet>;

/**
 * torchvision's ImageNet-1k weights of ResNet18 under torchvision's names. No SHA-256 is pinned: the hub itself
 * names the one of the file that it sends, and every tensor's name and shape are checked.
 */
export const RESNET18_WEIGHTS = {
  file: 'resnet18.safetensors',
  url: 'https://huggingface.co/timm/resnet18.tv_in1k/resolve/main/model.safetensors',
  /** 11 689 512 parameters and 9 600 running statistics in float32; the header adds a few thousand bytes. */
  bytes: 46_800_000,
} as const;
