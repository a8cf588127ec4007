// Feeds as podcast apps in JavaScript read them (podcast-partytime, feedsmith), and the page of the day as the Nu HTML checker and
// axe-core see it.
//
//     node benches/podcast_check/check.mjs FOLDER
//
// FOLDER holds folders, each with podcast.xml, expected.json (what every field should be) and index.html. Prints a line a fault; the
// exit code is 1 when there is one. `make podcast-check` writes the folders and installs what is needed into target/podcast-check.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const TOOLS = process.env.PODCAST_TOOLS ?? join(ROOT, 'target/podcast-check');
const require = createRequire(join(TOOLS, 'package.json'));
process.env.LOG = 'silent';
const { parseFeed } = require('podcast-partytime');
const { parseRssFeed } = await import(pathToFileURL(require.resolve('feedsmith')).href);
const { JSDOM } = require('jsdom');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let faults = 0;
let values = 0;

function tell(name, what, got, want) {
  values += 1;
  if (isDeepStrictEqual(got, want)) return;
  faults += 1;
  console.log(`FAIL ${name}: ${what} is ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

const seconds = (date) => Math.round(new Date(date).getTime() / 1000);
/** Only what is there. */
const filled = (object) => JSON.parse(JSON.stringify(object, (_, value) => value ?? undefined));

function byPartytime(name, xml, want) {
  const show = parseFeed(xml);
  if (!show) return tell(name, 'feed', show, 'a feed');
  for (const key of ['title', 'link', 'language', 'author', 'guid', 'medium']) tell(name, key, show[key], want[key]);
  tell(name, 'description', show.description.split(/\s+/), want.description.split(/\s+/));
  tell(name, 'owner', show.owner, want.owner);
  tell(name, 'picture', show.itunesImage, want.image);
  tell(name, 'category', show.itunesCategory, ['News > Daily News']);
  tell(name, 'explicit', show.explicit, false);
  tell(name, 'block', show.itunesBlock, want.private);
  tell(name, 'locked', show.locked, want.private);
  tell(name, 'lock owner', show.podcastOwner, want.owner.email);
  tell(name, 'self', show.pubsub?.self, want.self);
  tell(name, 'narrator', show.podcastPeople?.map((person) => person.name), [want.narrator]);
  tell(name, 'items', show.items.length, want.items.length);
  show.items.forEach((item, index) => {
    const expected = want.items[index];
    const at = `${name}, ${expected.guid}`;
    for (const key of ['guid', 'title', 'link', 'duration', 'explicit']) tell(at, key, item[key], expected[key]);
    tell(at, 'description', item.description, expected.description);
    tell(at, 'enclosure', item.enclosure, { url: expected.url, length: expected.length, type: expected.type });
    tell(at, 'published', seconds(item.pubDate), expected.published);
    tell(at, 'picture', item.itunesImage, expected.image ?? undefined);
    tell(at, 'transcripts', filled(item.podcastTranscripts ?? []), filled(expected.transcripts));
    tell(at, 'chapters', item.podcastChapters, expected.chapters);
    const { name: who, role, group, href } = expected.person;
    tell(at, 'person', item.podcastPeople.map((one) => [one.name, one.role.toLowerCase(), one.group.toLowerCase(), one.href]), [[want.narrator, 'narrator', 'cast', undefined], [who, role, group, href]]);
    const { type, length, bitrate, title, uri } = expected.alternate;
    tell(at, 'alternate', item.alternativeEnclosures.map((one) => [one.type, one.length, one.bitrate, one.title, one.source[0].uri]), [[type, length, bitrate, title, uri]]);
  });
}

function byFeedsmith(name, xml, want) {
  const show = parseRssFeed(xml);
  for (const key of ['title', 'description', 'link', 'language', 'copyright']) tell(name, key, show[key], want[key]);
  tell(name, 'author', show.itunes.author, want.author);
  tell(name, 'owner', show.itunes.owner, want.owner);
  tell(name, 'picture', show.itunes.image, want.image);
  tell(name, 'explicit', show.itunes.explicit, false);
  tell(name, 'block', show.itunes.block ?? false, want.private);
  tell(name, 'categories', show.itunes.categories, [{ text: 'News', categories: [{ text: 'Daily News' }] }]);
  tell(name, 'guid', show.podcast.guid, want.guid);
  tell(name, 'medium', show.podcast.medium, want.medium);
  tell(name, 'locked', show.podcast.locked, { value: want.private, owner: want.owner.email });
  tell(name, 'blocks', (show.podcast.blocks ?? []).map((block) => block.value), want.private ? [true] : []);
  tell(name, 'txt', show.podcast.txts, [{ display: 'true', purpose: 'ai-content' }]);
  tell(name, 'narrator', show.podcast.persons, [{ display: want.narrator, role: 'narrator', group: 'cast' }]);
  tell(name, 'self', show.atom.links, [{ href: want.self, rel: 'self', type: 'application/rss+xml' }]);
  tell(name, 'items', show.items.length, want.items.length);
  show.items.forEach((item, index) => {
    const expected = want.items[index];
    const at = `${name}, ${expected.guid}`;
    for (const key of ['title', 'link', 'description']) tell(at, key, item[key], expected[key]);
    tell(at, 'guid', item.guid, { value: expected.guid, isPermaLink: false });
    tell(at, 'enclosures', item.enclosures, [{ url: expected.url, length: expected.length, type: expected.type }]);
    tell(at, 'published', seconds(item.pubDate), expected.published);
    tell(at, 'whole text', item.content?.encoded ?? null, expected.encoded);
    tell(at, 'duration', item.itunes.duration, expected.duration);
    tell(at, 'explicit', item.itunes.explicit, expected.explicit);
    tell(at, 'picture', item.itunes.image ?? null, expected.image);
    tell(at, 'transcripts', filled(item.podcast.transcripts ?? []), filled(expected.transcripts));
    tell(at, 'chapters', item.podcast.chapters, expected.chapters);
    const { name: display, ...person } = expected.person;
    tell(at, 'person', item.podcast.persons, [{ display: want.narrator, role: 'narrator', group: 'cast' }, { display, ...person }]);
    const { uri, ...alternate } = expected.alternate;
    tell(at, 'alternate', item.podcast.alternateEnclosures, [{ ...alternate, sources: [{ uri }] }]);
  });
}

/** Structure only: colours are those of the pages beside the sound, which `make page-check` looks at in a browser. */
async function byAxe(name, html) {
  const { window } = new JSDOM(html, { runScripts: 'outside-only', pretendToBeVisual: true });
  window.eval(axe);
  const { violations, passes } = await window.axe.run(window.document, { rules: { 'color-contrast': { enabled: false } } });
  // Lists of another window are none of this one.
  tell(name, 'violations', Array.from(violations, (one) => `${one.id}: ${one.nodes[0].html}`), []);
  tell(name, 'rules that passed', passes.length > 10, true);
}

function byNu(name, path) {
  try {
    execFileSync('java', ['-jar', require('vnu-jar'), '--errors-only', path], { stdio: ['ignore', 'pipe', 'pipe'] });
    tell(name, 'faults', '', '');
  } catch (error) {
    tell(name, 'faults', `${error.stderr ?? error}`, '');
  }
}

const folder = resolve(process.argv[2]);
const feeds = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
for (const feed of feeds) {
  const at = (name) => join(folder, feed, name);
  const xml = readFileSync(at('podcast.xml'), 'utf8');
  const want = JSON.parse(readFileSync(at('expected.json'), 'utf8'));
  byPartytime(`podcast-partytime, ${feed}`, xml, want);
  byFeedsmith(`feedsmith, ${feed}`, xml, want);
  await byAxe(`axe, ${feed}`, readFileSync(at('index.html'), 'utf8'));
  byNu(`Nu, ${feed}`, at('index.html'));
}
if (!feeds.length) throw new Error(`no feeds in ${folder}`);
console.log(`JavaScript: ${feeds.length} feeds, ${values} values by 2 parsers and 2 checkers of pages, ${faults} faults`);
process.exit(faults ? 1 : 0);
