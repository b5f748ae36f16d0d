import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { NotebookError } from '../../errors';
import { makeProject } from '../fixtures/sampleProject';
import { buildReport } from '../page/buildReport';

/** Notebooks as other people's tools and lecture notes have them; not the project's to keep. */
const CASES = join(__dirname, '../../../../../shared/cases');
const skip = existsSync(CASES) ? false : `no notebooks of other origins at ${CASES}`;

/** What is not set or shown as JupyterLab does it, and is said; every other notebook is right without a word. */
const SAID: Readonly<Record<string, readonly ['warns' | 'stops', string]>> = {
  'notebooks/c_attach_othercell.ipynb': [
    'stops',
    "Markdown cell 2: attached picture 'image.png' is not in the note",
  ],
  'notebooks/c_bom.ipynb': ['stops', 'is not valid JSON'],
  'notebooks/c_empty.ipynb': ['warns', 'Markdown cell 1: no title; begin the notebook with a Markdown ce'],
  'notebooks/c_empty_cells.ipynb': [
    'warns',
    'Markdown cell 1: no title; begin the notebook with a Markdown ce',
  ],
  'notebooks/c_heading_cell.ipynb': [
    'stops',
    'its 2nd cell has the cell_type "heading", expected code, markdow',
  ],
  'notebooks/c_nan.ipynb': ['stops', 'is not valid JSON'],
  'notebooks/c_no_execution_count.ipynb': [
    'stops',
    'its 2nd cell has the execution_count undefined, expected a numbe',
  ],
  'notebooks/c_raw.ipynb': ['warns', 'raw cell 1: a raw cell is left out; write it in Markdown'],
  'notebooks/c_ref_file.ipynb': ['stops', "Markdown cell 1: link to 'data/x.csv': no such file in the proje"],
  'notebooks/c_rel_img.ipynb': ['stops', "Markdown cell 1: picture 'images/a.png' is not in the notebook;"],
  'notebooks/c_utf16.ipynb': ['stops', 'is not valid JSON'],
  'notebooks/m_bbox_class.ipynb': [
    'stops',
    "Markdown cell 1: KaTeX can't set the equation '\\bbox[yellow]{x}'",
  ],
  'notebooks/m_begin_then_text.ipynb': [
    'stops',
    'Markdown cell 1: text follows on the line that ends an equation:',
  ],
  'notebooks/m_bm.ipynb': ['stops', "Markdown cell 1: KaTeX can't set the equation '\\mathbbm{1}': Und"],
  'notebooks/m_currency2.ipynb': [
    'stops',
    "Markdown cell 1: KaTeX can't set the equation '300 (used $200) a",
  ],
  'notebooks/m_details.ipynb': ['warns', "Markdown cell 1: '<details>' stands in the text as it is; write"],
  'notebooks/m_dollars_then_text.ipynb': [
    'stops',
    'Markdown cell 1: text follows on the line that ends an equation:',
  ],
  'notebooks/m_eqnarray.ipynb': ['stops', "Markdown cell 1: KaTeX can't set the equation '\\begin{eqnarray}"],
  'notebooks/m_html_anchor.ipynb': [
    'warns',
    "Markdown cell 1: '<a>' stands in the text as it is; write Markdo",
  ],
  'notebooks/m_html_sub.ipynb': ['warns', "Markdown cell 1: '<center>' stands in the text as it is; write M"],
  'notebooks/m_html_table.ipynb': [
    'warns',
    "Markdown cell 1: '<table>' stands in the text as it is; write Ma",
  ],
  'notebooks/m_img_tag.ipynb': ['warns', "Markdown cell 1: '<img>' stands in the text as it is; write Mark"],
  'notebooks/m_img_tag_attach.ipynb': [
    'warns',
    "Markdown cell 1: '<img>' stands in the text as it is; write Mark",
  ],
  'notebooks/m_label_eqref.ipynb': [
    'stops',
    "Markdown cell 1: KaTeX can't set the equation '\\begin{equation*}",
  ],
  'notebooks/m_mbox.ipynb': ['stops', "Markdown cell 1: KaTeX can't set the equation '\\mbox{IoU} \\hspac"],
  'notebooks/m_multline.ipynb': ['stops', "Markdown cell 1: KaTeX can't set the equation '\\begin{multline}"],
  'notebooks/m_nested_text_dollar.ipynb': [
    'stops',
    "Markdown cell 1: KaTeX can't set the equation 'f(x) = \\text{1 if",
  ],
  'notebooks/m_newline_inline.ipynb': [
    'stops',
    "Markdown cell 1: KaTeX can't set the equation 's_i = s_{i} $ and",
  ],
  'notebooks/m_percent.ipynb': ['stops', "Markdown cell 1: KaTeX can't set the equation 'x % comment': LaT"],
  'notebooks/m_require.ipynb': [
    'stops',
    "Markdown cell 1: KaTeX can't set the equation '\\require{cancel}\\",
  ],
  'notebooks/m_sympy_latex.ipynb': [
    'stops',
    "cell 1: KaTeX can't set the equation 'The value is $x^2$ and $y$",
  ],
  'notebooks/m_text_then_display.ipynb': [
    'stops',
    "Markdown cell 1: an equation is opened by '$$' and never closed",
  ],
  'notebooks/m_title_html.ipynb': [
    'warns',
    "Markdown cell 1: '<h1>' stands in the text as it is; write Markd",
  ],
  'notebooks/m_two_display_one_line.ipynb': [
    'stops',
    'Markdown cell 1: text follows on the line that ends an equation:',
  ],
  'notebooks/m_unicode_in_math.ipynb': [
    'stops',
    "Markdown cell 1: KaTeX can't set the equation 'α_1 = \\text{größe",
  ],
  'notebooks/o_altair.ipynb': ['warns', 'cell 1: an output of text/html is shown as its text only'],
  'notebooks/o_error_raises_tag.ipynb': [
    'stops',
    'cell 1: the cell ended in an error: ZeroDivisionError: division',
  ],
  'notebooks/o_geojson.ipynb': ['warns', 'cell 1: an output of application/geo+json is shown as its text o'],
  'notebooks/o_gif.ipynb': ['stops', 'cell 1: a picture without alternative text; show it with lib.sho'],
  'notebooks/o_html_math.ipynb': [
    'warns',
    'cell 1: an equation in an HTML output stands as it is written; show',
  ],
  'notebooks/o_html_relative_img.ipynb': [
    'warns',
    'cell 1: an output holds text/html, of which the report can show',
  ],
  'notebooks/o_html_video.ipynb': [
    'warns',
    'cell 1: an output holds text/html, of which the report can show',
  ],
  'notebooks/o_iframe.ipynb': ['warns', 'cell 1: an output of text/html is shown as its text only'],
  'notebooks/o_js.ipynb': ['warns', 'cell 1: an output of application/javascript is shown as its text'],
  'notebooks/o_latex_table.ipynb': [
    'stops',
    "cell 1: KaTeX can't set the equation '\\begin{tabular}{lr}\\toprul",
  ],
  'notebooks/o_md_heading.ipynb': ['stops', "cell 1: link to 'other.md': no such file in the project"],
  'notebooks/o_md_table.ipynb': ['warns', "cell 1: a table without a caption; write '[Table (label)](#label"],
  'notebooks/o_pdf.ipynb': ['warns', 'cell 1: an output of application/pdf is shown as its text only'],
  'notebooks/o_png_no_alt.ipynb': [
    'stops',
    'cell 1: a picture without alternative text; show it with lib.sho',
  ],
  'notebooks/o_png_remove_output_tag.ipynb': [
    'stops',
    'cell 1: a picture without alternative text; show it with lib.sho',
  ],
  'notebooks/o_style_only.ipynb': [
    'warns',
    'cell 1: an output holds text/html, of which the report can show',
  ],
  'notebooks/o_vegalite_only.ipynb': [
    'warns',
    'cell 1: an output of application/vnd.vegalite.v4+json is shown a',
  ],
  'notebooks/o_widget.ipynb': ['warns', 'cell 1: an output of application/vnd.jupyter.widget-view+json is'],
  'hostile/attachment-percent.ipynb': [
    'stops',
    "Markdown cell 2: attached picture '%E0%A4%25A' is not in the not",
  ],
  'hostile/figure-lone-surrogate.ipynb': [
    'warns',
    'its figures do not say which runs they were made from; execute i',
  ],
  'hostile/lab-trust-stranger.ipynb': [
    'warns',
    'cell 1: of an HTML output the report leaves out: img with a pict',
  ],
  'hostile/svg-use-bomb.ipynb': ['stops', 'cell 1: a drawing that repeats its parts too often'],
};

test('each notebook of another origin is right, warns of what it loses, or stops with one clear error', {
  skip,
}, async () => {
  const wrong: string[] = [];
  for (const folder of ['notebooks', 'hostile']) {
    for (const name of (await readdir(join(CASES, folder))).filter((file) => file.endsWith('.ipynb'))) {
      const root = await makeProject({});
      await cp(join(CASES, folder, name), join(root, 'notebooks', name));
      const [outcome, words] = await outcomeOf(root);
      const [expected, part] = SAID[`${folder}/${name}`] ?? ['is right', ''];
      if (outcome !== expected || !words.includes(part)) wrong.push(`${folder}/${name} ${outcome}: ${words}`);
      await rm(root, { recursive: true });
    }
  }
  assert.deepEqual(wrong, []);
});

async function outcomeOf(root: string): Promise<[outcome: string, words: string]> {
  try {
    const { warnings } = await buildReport(root);
    return [warnings.length > 0 ? 'warns' : 'is right', warnings.join(' ')];
  } catch (error) {
    if (!(error instanceof NotebookError) || error.message.includes('\n')) throw error;
    return ['stops', error.message];
  }
}
