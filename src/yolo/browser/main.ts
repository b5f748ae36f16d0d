// All that the page with the detector uses of the library; bundled for it, so nothing here may need Node.
export { drawScene } from '../data/scene/sceneDrawing';
export type { DetectorFiles } from '../detect/detectorFiles';
export {
  type MeasuredBackend,
  measureBackends,
  type PageBackend,
  prepareWasm,
  startBackend,
  type WasmAddresses,
} from './pageBackend';
export { PageDetector } from './pageDetector';
