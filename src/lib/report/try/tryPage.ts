import { type DetectorFiles, SHOWN_SCORE } from 'yolov1/record';
import { escapeMarkup } from '../../chart/escapeMarkup';

/** A photograph that the page offers. */
export interface Sample {
  name: string;
  /** A WebP. */
  file: Buffer;
}

/**
 * The page in which a reader tries the detector. Without script, and where the detector can't run, it says so.
 *
 * @param samples - Photographs of the builder's own data; they are inside the page, which may read no file from a disk.
 */
export function tryBlock({ about }: DetectorFiles, samples: readonly Sample[]): string {
  const { classes, inputSize } = about.spec;
  const cut = about.scoreCut ?? SHOWN_SCORE;
  const buttons = samples.map(({ name, file }) => {
    const address = `data:image/webp;base64,${file.toString('base64')}`;
    return `<button type="button" class="sample"><img src="${address}" alt="Photograph ${escapeMarkup(name)}" width="120"></button>`;
  });
  return (
    '<section class="notebook tryout">\n' +
    `<p>This is the detector of this project, in your browser. It knows ${classes.length} classes: ` +
    `${classes.map(escapeMarkup).join(', ')}. It sees a picture as ${inputSize} × ${inputSize} pixels. ` +
    'Pictures stay here: no request leaves this page.</p>\n' +
    // The script's first words replace these.
    '<p class="note" role="status">The detector is a program, and scripts are switched off here.</p>\n' +
    '<p class="sources" hidden>\n<label class="file">Choose a photograph <input type="file" accept="image/*"></label>\n' +
    '<button type="button" class="camera" hidden>Use the camera</button>\n' +
    `<button type="button" class="scene">Generate a scene</button>\n${buttons.join('\n')}</p>\n` +
    '<div class="viewfinder" hidden><video muted playsinline></video>\n' +
    '<p><button type="button" class="take">Take the picture</button> <button type="button" class="close">Close the camera</button></p></div>\n' +
    '<div class="view" hidden><canvas></canvas><svg aria-hidden="true"></svg></div>\n' +
    '<div class="controls" hidden>\n' +
    `<span class="score"><label>Score from <input type="range" min="0.05" max="0.95" step="0.01" value="${cut}"></label> <output></output></span>\n` +
    '<label class="backend">Computes on <select></select></label>\n' +
    '<div class="scroll table"><table><thead><tr><th scope="col">Found</th><th scope="col">Score</th><th scope="col">Left</th>' +
    '<th scope="col">Top</th><th scope="col">Right</th><th scope="col">Bottom</th></tr></thead>\n<tbody></tbody></table></div>\n' +
    '<p class="note">Edges are in pixels of the picture. A generated scene holds none of the classes, ' +
    'unless the detector was trained on such scenes. Of the backends the fastest one was chosen, by four convolutions on each; ' +
    'the time said above is for a whole picture.</p>\n</div>\n</section>\n'
  );
}
