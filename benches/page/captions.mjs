// Captions as other programs read them: WebVTT by the W3C's parser, SubRip by pysrt; the same words in both.
//
//     node benches/page/captions.mjs [BINARY]
//
// Every article of tests/data is read by the stand-in voice, at usual and at double speed, with its quotations marked. Prints a line a
// fault; the exit code is 1 when there is one. `make page-check` installs what it needs into target/page-check.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const TOOLS = join(ROOT, 'target/page-check');
const { WebVTTParser } = createRequire(join(TOOLS, 'package.json'))('webvtt-parser');
// Prints the text of all cues, or fails at the first that breaks the format.
const SUBRIP = `
import json, sys, pysrt
cues = pysrt.open(sys.argv[1], error_handling=pysrt.ERROR_RAISE)
print(json.dumps([[cue.start.ordinal / 1000, cue.end.ordinal / 1000, cue.text] for cue in cues]))
`;

const binary = process.argv[2] ?? join(ROOT, 'target/release/audio-report');
const folder = mkdtempSync(join(tmpdir(), 'captions-'));
const articles = ['articles', 'pages', 'copied'].flatMap((kind) =>
  readdirSync(join(ROOT, 'tests/data', kind)).filter((name) => /(?<!expected)\.(txt|html)$/.test(name)).map((name) => join(ROOT, 'tests/data', kind, name)));
const words = (texts) => texts.join(' ').split(/\s+/).filter(Boolean).join(' ');
let faults = 0;
let cues = 0;

function fault(article, text) {
  faults += 1;
  console.log(`FAIL ${article}: ${text}`);
}

function difference(one, other) {
  const at = one.findIndex((word, index) => word !== other[index]);
  return [one, other].map((list) => list.slice(Math.max(at - 3, 0), at + 4).join(' ')).join(' | ');
}

function texts(node) {
  return node.type === 'text' ? [node.value] : (node.children ?? []).flatMap(texts);
}

for (const article of articles) {
  for (const speed of ['1', '2']) {
    const name = `${article} at speed ${speed}`;
    try {
      execFileSync(binary, ['read', '-q', '--voice', 'tone', '--voice-quotes', 'tone', '--speed', speed, '--captions', 'vtt,srt', '--force', article,
        '-o', join(folder, 'story.wav')], { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      fault(name, error.stderr);
      continue;
    }
    const vtt = new WebVTTParser().parse(readFileSync(join(folder, 'story.vtt'), 'utf8'), 'captions');
    vtt.errors.forEach((error) => fault(name, `line ${error.line}: ${error.message}`));
    const srt = JSON.parse(execFileSync('python3', ['-c', SUBRIP, join(folder, 'story.srt')], { env: { ...process.env, PYTHONPATH: join(TOOLS, 'python') } }));
    cues += vtt.cues.length;
    // The parser leaves the semicolon of `&amp;`.
    const inVtt = words(vtt.cues.map((cue) => texts(cue.tree).join('').replaceAll('&;', '&')));
    const inSrt = words(srt.map(([, , text]) => text));
    if (!inVtt || inVtt !== inSrt) fault(name, `the words differ: ${difference(inVtt.split(' '), inSrt.split(' '))}`);
    const times = [vtt.cues.map((cue) => [cue.startTime, cue.endTime]), srt];
    for (const list of times) {
      if (list.some(([start, end], index) => start >= end || (index > 0 && start < list[index - 1][1]))) fault(name, 'cues overlap or have no length');
    }
  }
}
rmSync(folder, { recursive: true });
console.log(`${articles.length} articles, ${cues} cues, ${faults} faults`);
process.exit(faults ? 1 : 0);
