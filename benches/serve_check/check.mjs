// The server asked by OpenAI's own package for Node: every format, both streams, each class of error, and a second try.
//
//     node check.mjs URL URL_OF_A_SERVER_WITH_ONE_PLACE
//
// Prints a line a fault, and how many checks there were; the exit code is 1 when there is a fault. `check.py` runs it.

import { execFileSync } from "node:child_process";
import OpenAI from "openai";

const STORY = "The port reopened on Monday. Ships came back at noon, and the first crane moved an hour later.";
// One chunk, which sounds the same however fast the machine is; longer texts are cut as their listener needs it.
const ONE = "Reopened.";
const FORMATS = { mp3: "audio/mpeg", opus: "audio/ogg", flac: "audio/flac", wav: "audio/wav", pcm: "audio/pcm" };
const RATE = 24_000;
const PATIENCE = 120_000;
const [url, busyUrl] = process.argv.slice(2);
let checks = 0;
let faults = 0;

function tell(what, got, want = true) {
  checks += 1;
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    faults += 1;
    console.log(`FAIL ${what}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
  }
}

function client(baseURL, options = {}) {
  return new OpenAI({ baseURL, apiKey: "none", timeout: PATIENCE, maxRetries: 0, ...options });
}

async function bytes(answer) {
  return Buffer.from(await answer.arrayBuffer());
}

/** Samples of a decoded sound. */
function samples(sound, format) {
  const raw = ["-f", "s16le", "-ar", `${RATE}`, "-ac", "1"];
  const args = ["-v", "error", ...(format === "pcm" ? raw : []), "-i", "pipe:0", ...raw, "pipe:1"];
  return execFileSync("ffmpeg", args, { input: sound, maxBuffer: 1 << 28 }).length / 2;
}

async function raised(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}

const own = client(url);
const usual = { model: "tts-1", voice: "alloy", input: ONE };
const names = [];
for await (const model of own.models.list()) names.push(model.id);
tell("models are listed", names.includes("tts-1") && names.includes("gpt-4o-mini-tts"));
tell("a model", (await own.models.retrieve("tts-1")).id, "tts-1");
const length = (await bytes(await own.audio.speech.create({ ...usual, response_format: "pcm" }))).length / 2;
tell("half a second at least", length > RATE / 2);
for (const [format, kind] of Object.entries(FORMATS)) {
  const answer = await own.audio.speech.create({ ...usual, response_format: format });
  tell(`${format}: its type`, answer.headers.get("content-type").split(";")[0], kind);
  const whole = await bytes(answer);
  tell(`${format}: its length`, Math.abs(samples(whole, format) - length) < RATE / 10);
  // As a page would: block by block.
  const streamed = await own.audio.speech.create({ ...usual, response_format: format });
  const blocks = [];
  for await (const block of streamed.body) blocks.push(block);
  tell(`${format}: streamed as whole`, Buffer.concat(blocks).equals(whole));
  const events = await own.audio.speech.create({ ...usual, response_format: format, stream_format: "sse" });
  const told = (await events.text()).split("\n\n").filter(Boolean).map((event) => JSON.parse(event.slice(6)));
  tell(`${format}: the last event`, told.at(-1).type, "speech.audio.done");
  const deltas = told.filter((event) => event.type === "speech.audio.delta");
  const sound = Buffer.concat(deltas.map((event) => Buffer.from(event.audio, "base64")));
  tell(`${format}: as events as whole`, sound.equals(whole));
}

const wrong = [
  [OpenAI.BadRequestError, () => own.audio.speech.create({ ...usual, input: " " }), 400, "input", "nothing_to_speak"],
  [OpenAI.BadRequestError, () => own.audio.speech.create({ ...usual, response_format: "aac" }), 400, "response_format", "unsupported_format"],
  [OpenAI.BadRequestError, () => own.audio.speech.create({ ...usual, voice: "nobody" }), 400, "voice", "voice_not_found"],
  [OpenAI.NotFoundError, () => own.audio.speech.create({ ...usual, model: "whisper-1" }), 404, "model", "model_not_found"],
  [OpenAI.NotFoundError, () => own.models.retrieve("whisper-1"), 404, "model", "model_not_found"],
];
for (const [kind, asked, status, param, code] of wrong) {
  const error = await raised(asked());
  tell(`${kind.name} ${code}`, [error instanceof kind, error?.status, error?.param, error?.code], [true, status, param, code]);
  tell(`${kind.name} ${code}: the name of the request`, Boolean(error?.requestID));
}
const foreign = await raised(own.audio.speech.create(usual, { headers: { Origin: "https://elsewhere.example" } }));
tell("a page of elsewhere", [foreign instanceof OpenAI.PermissionDeniedError, foreign?.code], [true, "origin_not_allowed"]);

// Somebody has the only place.
const holder = new AbortController();
const long = { ...usual, input: `${STORY} `.repeat(200), response_format: "pcm" };
const held = await client(busyUrl).audio.speech.create(long, { signal: holder.signal });
await held.body.getReader().read();
const full = await raised(client(busyUrl).audio.speech.create(usual));
tell("no place", [full instanceof OpenAI.RateLimitError, full?.code], [true, "server_busy"]);
const wait = Number(full?.headers?.get("retry-after"));
tell("a time to come again", wait >= 1 && wait <= 120);
setTimeout(() => holder.abort(), 500);
const begun = Date.now();
const again = await client(busyUrl, { maxRetries: 3 }).audio.speech.create({ ...usual, response_format: "pcm" });
tell("it came again, and waited as it was told", Date.now() - begun >= wait * 900);
tell("all of it", (await bytes(again)).length / 2, length);

console.log(`openai for Node: ${checks} checks, ${faults} faults`);
process.exit(faults > 0 ? 1 : 0);
