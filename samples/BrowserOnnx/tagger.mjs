// A classifier or tagger that SaveOnnx has exported, with the front end inside, by onnxruntime-web.

import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";

ort.env.wasm.wasmPaths = new URL("./node_modules/onnxruntime-web/dist/", import.meta.url).href;
ort.env.wasm.numThreads = 1;

export class Tagger {
  constructor(session, metadata) {
    this.session = session;
    this.labels = JSON.parse(metadata["audio.labels"]);
    this.sampleRate = Number(metadata["audio.sample_rate"]);
    this.model = [JSON.parse(metadata["audio.model"])].flat().join(", ");
  }

  static async load(path) {
    const response = await fetch(path);
    if (!response.ok) {
      throw new Error(`${path}: ${response.status} ${response.statusText}`);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    const metadata = readMetadata(bytes);
    const task = metadata["audio.task"];
    if (!["1", "2"].includes(metadata["audio.format"]) || !["classification", "tagging"].includes(task)) {
      throw new Error(`${path} has the task ${task}; expected an exported classifier or tagger.`);
    }
    const session = await ort.InferenceSession.create(bytes);
    if (!session.inputNames.includes("waveform")) {
      throw new Error(`${path} takes ${session.inputNames}; expected waveforms: train the model with a FrontEnd.`);
    }
    return new Tagger(session, metadata);
  }

  /** The classes of a recording and their scores, the highest first. */
  async tag(file) {
    const samples = await this.decode(file);
    const waveform = new ort.Tensor("float32", samples, [1, samples.length]);
    const { scores } = await this.session.run({ waveform }, ["scores"]);
    return [...scores.data].map((score, i) => ({ label: this.labels[i], score })).sort((a, b) => b.score - a.score);
  }

  /** One channel, the mean of all, at the model's rate, which the browser resamples to. */
  async decode(file) {
    const audio = await new OfflineAudioContext(1, 1, this.sampleRate).decodeAudioData(file);
    const samples = new Float32Array(audio.length);
    for (let channel = 0; channel < audio.numberOfChannels; channel++) {
      audio.getChannelData(channel).forEach((value, i) => { samples[i] += value / audio.numberOfChannels; });
    }
    return samples;
  }
}

// onnxruntime-web does not give a model's metadata: field 14 of the message ModelProto, of pairs of field 1 and field 2.
function readMetadata(bytes) {
  const metadata = {};
  for (const [field, pair] of fields(bytes)) {
    if (field === 14) {
      const entry = Object.fromEntries(fields(pair));
      const text = new TextDecoder();
      metadata[text.decode(entry[1])] = text.decode(entry[2]);
    }
  }
  return metadata;
}

function* fields(bytes) {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 63) {
        throw new Error("The file is no ONNX model.");
      }
      value += (byte & 127) * scale;
      if (byte < 128) {
        return value;
      }
    }
  };
  while (at < bytes.length) {
    const tag = number();
    const length = { 0: () => number() && 0, 1: () => 8, 2: number, 5: () => 4 }[tag % 8];
    if (!length) {
      throw new Error("The file is no ONNX model.");
    }
    const size = length();
    yield [Math.floor(tag / 8), bytes.subarray(at, at + size)];
    at += size;
  }
}
