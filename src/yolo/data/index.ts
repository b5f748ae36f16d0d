/**
 * Data sets as VOC devkits: lists, annotations, pictures, views of them, batches; imports and checks.
 *
 * @module yolov1/data
 */
export type { AnnotatedObject, Annotation } from './annotation';
export {
  type AugmentationSpec,
  type AugmentedItem,
  CROP_EXPAND_AUGMENTATION,
  checkAugmentation,
  PAPER_AUGMENTATION,
  planAugmentation,
} from './augment/augment';
export { moveObjects } from './augment/boxes';
export { type ColourChange, changeColours } from './augment/colour';
export { type AugmentationPlan, plainPlan, type Tile } from './augment/plan';
export { checkDevkit, type DevkitReport, type Finding } from './checkDevkit';
export { VOC_CLASSES } from './classes';
export { type AnnotatedItem, type DataSource, type Dataset, loadDataset } from './dataset';
export { type DatasetItem, type Devkit, type DevkitOptions, openDevkit } from './devkit';
export { findDevkits, findSource } from './findDevkits';
export { type ImportOptions, type ImportReport, importData } from './import/importData';
export { drawInput, type InputRequest, type InputTile } from './input/drawInput';
export { denormalise, IMAGENET_MEAN, IMAGENET_STD, normalise } from './input/normalise';
export { toInput } from './input/toInput';
export { type Batch, Loader, type LoaderOptions } from './loader';
export { encodePicture } from './picture/encodePicture';
export { type Picture, type ReadPictureOptions, readPicture } from './picture/picture';
export { generateScene, type Scene, type SceneOptions } from './scene/scene';
export { SCENE_CLASSES } from './scene/shapes';
export { type ScenesDevkitOptions, writeScenesDevkit } from './scene/writeScenesDevkit';
