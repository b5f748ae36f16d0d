import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { writeWholeFile, writing } from '../../core/wholeFile';
import { isMarkedPicture, markedPicture } from '../../data/picture/markedPicture';
import { contactSheet } from '../../detect/drawing/contactSheet';
import { resolveConfig } from '../../run/config/config';
import { applySettings, readConfigFile } from '../../run/config/configFile';
import { previewInputs } from '../../run/pictures/preview';
import { readData } from '../../run/setup/inputs';
import { initBackend } from '../../tensor/backend';
import { collect } from '../train/train';

interface PreviewFlags {
  out: string;
  set: string[];
  data?: string;
}

/** Says, inside the file, whose it is: only such a file is replaced. */
const MARK = 'yolov1 data preview';
/** Rows and, with the plain picture, columns of the sheet. */
const PICTURES = 4;
const DRAWS = 5;
/** Side of a picture on the sheet: boxes and what lies in them can be told apart. */
const SIZE = 224;

/** Adds `yolov1 data preview CONFIG`: training pictures as the network will see them. */
export function addDataPreviewCommand(data: Command): void {
  data
    .command('preview')
    .description(
      'a sheet of training pictures with their boxes, each as it is and as the first epochs will see it',
    )
    .argument('<config>', 'TypeScript file as for yolov1 train; it is executed')
    .option('--out <file>', 'PNG file to write; only an earlier sheet is replaced', 'preview.png')
    .option('--set <key=value>', 'change a field, as in augmentation.mosaic=1; may be repeated', collect, [])
    .option('--data <dir>', "folder that holds the years' folders; default $YOLOV1_DATA, then data/VOCdevkit")
    .action(async (file: string, { out, set, data: dataFolder }: PreviewFlags) => {
      if (extname(out).toLowerCase() !== '.png') {
        throw new UserError(`--out ${out}: expected the name of a PNG file, such as preview.png`);
      }
      if (existsSync(out) && !(await isMarkedPicture(out, MARK))) {
        throw new UserError(
          `${out}: is there and would be replaced, but is no sheet of ${MARK}; move it away or give another --out`,
        );
      }
      const config = resolveConfig(applySettings(readConfigFile(file), set));
      const { data: read } = await readData(config.train, config, dataFolder);
      await initBackend();
      const rows = await previewInputs({ config, data: read, pictures: PICTURES, draws: DRAWS, size: SIZE });
      const sheet = await markedPicture(await contactSheet(rows), MARK);
      await writing(out, () => writeWholeFile(out, sheet));
      const drawn = counted(rows.length, 'picture');
      data
        .configureOutput()
        .writeOut?.(`${out}: ${drawn} of ${read.items.length}, each in ${rows[0].length} forms\n`);
    });
}
