/** Version of this package, as a run records it. */
export const { version } = require('yolov1/package.json') as { version: string };
