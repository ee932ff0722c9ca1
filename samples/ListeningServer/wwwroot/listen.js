// Listens to the microphone or a file: draws its spectrogram, sends its samples to the server, and shows what comes back.
const seconds = 20;
const rows = 50;
const element = id => document.getElementById(id);
const spectrogram = element("spectrogram");
const timeline = element("timeline");
const picture = spectrogram.getContext("2d");
const lanes = timeline.getContext("2d");
let current = null;

const say = (text, isWrong = false) => {
  element("status").textContent = text;
  element("status").classList.toggle("wrong", isWrong);
};

async function loadModels() {
  const key = element("key").value;
  const answer = await fetch("models/", { headers: key ? { "X-Api-Key": key } : {} });
  if (answer.status === 401) {
    element("key-label").hidden = false;
    say("The server asks for a key.");
    return;
  }
  const models = await answer.json();
  element("model").replaceChildren(...models.map(model => {
    const option = document.createElement("option");
    option.value = model.name;
    option.dataset.rate = model.sampleRate;
    option.textContent = `${model.name} (${model.task}, ${model.classNames.length} classes)`;
    return option;
  }));
  say("Choose a file, or the microphone.");
  document.documentElement.dataset.ready = "true";
}

async function listen(makeSource) {
  stop();
  const session = { context: new AudioContext(), found: [], open: true, left: Infinity };
  current = session;
  element("stop").disabled = false;
  element("heard").replaceChildren();
  picture.clearRect(0, 0, spectrogram.width, spectrogram.height);
  lanes.clearRect(0, 0, timeline.width, timeline.height);
  try {
    await session.context.audioWorklet.addModule("worklet.js");
    const { node, start, isHeard } = await makeSource(session);
    session.node = node;
    if (current !== session) return release(session);
    session.analyser = new AnalyserNode(session.context, { fftSize: 2048, smoothingTimeConstant: 0 });
    const tap = new AudioWorkletNode(session.context, "tap", { numberOfOutputs: 1 });
    node.connect(session.analyser);
    node.connect(tap);
    tap.connect(session.context.destination);
    if (isHeard) node.connect(session.context.destination);
    session.socket = connect(session);
    await new Promise((open, fail) => {
      session.socket.onopen = open;
      session.socket.onerror = () => fail(new Error("The server does not take the stream: it may be busy, or want a key."));
    });
    tap.port.onmessage = message => {
      // A file that has ended is followed by silence until this thread is told of its end.
      const samples = message.data.subarray(0, Math.min(session.left, message.data.length));
      session.left -= samples.length;
      // What the server cannot take in time is not gathered without end here.
      const takes = session.socket.readyState === 1 && session.socket.bufferedAmount < 1 << 22;
      if (session.open && takes && samples.length > 0) session.socket.send(samples);
    };
    // As far up as the model hears.
    const rate = Math.min(session.context.sampleRate, Number(element("model").selectedOptions[0].dataset.rate));
    session.bins = Math.round(session.analyser.frequencyBinCount * rate / session.context.sampleRate);
    element("top").textContent = `${Number((rate / 2000).toFixed(1))} kHz`;
    await session.context.resume();
    session.began = session.context.currentTime;
    start();
    say("Listening.");
    draw(session);
  } catch (error) {
    release(session);
    if (current !== session) return;
    say(error.message, true);
    stop();
  }
}

function connect(session) {
  const query = new URLSearchParams({ encoding: "f32", rate: session.context.sampleRate, channels: 1 });
  if (element("key").value) query.set("key", element("key").value);
  const url = new URL(`models/${encodeURIComponent(element("model").value)}/stream?${query}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  socket.onmessage = message => show(session, JSON.parse(message.data));
  socket.onclose = () => { if (current === session) stop(); };
  return socket;
}

// What the model says: a row in the table, newest first, and a bar in the timeline.
function show(session, line) {
  if (line.type === "error") return say(line.detail, true);
  if (line.type === "end") {
    const labels = line.labels.map(label => `${label.name} (${label.score.toFixed(2)})`).join(", ");
    return say(`Heard ${line.end.toFixed(1)} s${labels ? `, all in all: ${labels}` : ""}.`);
  }
  const labels = line.type === "event" ? [{ name: line.label, score: line.score }] : line.labels;
  for (const { name, score } of labels) {
    // Windows overlap: one bar for those of a name that follow each other.
    const last = session.found.findLast(item => item.name === name);
    if (line.type === "window" && last && last.end >= line.start) Object.assign(last, { end: line.end, score });
    else session.found.push({ start: line.start, end: line.end, name, score });
    const row = document.createElement("tr");
    for (const text of [`${line.start.toFixed(2)} s`, `${line.end.toFixed(2)} s`, name, score.toFixed(2)]) {
      row.insertCell().textContent = text;
    }
    element("heard").prepend(row);
  }
  session.found = session.found.filter(item => item.end > line.end - 2 * seconds);
  while (element("heard").rows.length > rows) element("heard").lastChild.remove();
}

function draw(session) {
  if (current !== session || !session.open) return;
  const now = session.context.currentTime - session.began;
  const perSecond = spectrogram.width / seconds;
  const bins = new Uint8Array(session.analyser.frequencyBinCount);
  session.analyser.getByteFrequencyData(bins);
  const column = Math.floor(now * perSecond);
  const shift = column - (session.column ?? -1);
  if (shift > 0) {
    session.column = column;
    const right = Math.min(column, spectrogram.width - 1);
    if (column >= spectrogram.width) picture.drawImage(spectrogram, -shift, 0);
    for (let y = 0; y < spectrogram.height; y++) {
      const level = bins[Math.floor((1 - y / spectrogram.height) * (session.bins - 1))] / 255;
      picture.fillStyle = `hsl(${260 - 220 * level} 90% ${Math.round(70 * level)}%)`;
      picture.fillRect(right - shift + 1, y, shift, 1);
    }
  }
  drawTimeline(session, now);
  requestAnimationFrame(() => draw(session));
}

// A lane for each name that is in view, oldest first.
function drawTimeline(session, now) {
  const perSecond = timeline.width / seconds;
  const first = Math.max(0, now - seconds);
  const visible = session.found.filter(item => item.end > first);
  const names = [...new Set(visible.map(item => item.name))].slice(-6);
  const style = getComputedStyle(document.body);
  lanes.clearRect(0, 0, timeline.width, timeline.height);
  lanes.font = "13px system-ui, sans-serif";
  for (const item of visible) {
    const lane = names.indexOf(item.name);
    if (lane < 0) continue;
    lanes.globalAlpha = 0.25 + 0.6 * item.score;
    lanes.fillStyle = `hsl(${lane * 57} 60% 50%)`;
    lanes.fillRect((item.start - first) * perSecond, lane * 20 + 2, Math.max(2, (item.end - item.start) * perSecond - 1), 16);
  }
  lanes.globalAlpha = 1;
  lanes.fillStyle = style.color;
  // Names stand out from the bars below them.
  lanes.strokeStyle = style.backgroundColor;
  lanes.lineWidth = 4;
  lanes.lineJoin = "round";
  names.forEach((name, lane) => {
    lanes.strokeText(name, 4, lane * 20 + 15);
    lanes.fillText(name, 4, lane * 20 + 15);
  });
}

// The end of the sound: the server answers what it still has, then the socket closes.
function finish(session) {
  if (current !== session || !session.open) return;
  session.open = false;
  if (session.socket?.readyState === 1) session.socket.send("end");
}

function stop() {
  const session = current;
  current = null;
  element("stop").disabled = true;
  if (!session) return;
  session.open = false;
  session.socket?.close();
  release(session);
  session.context.close();
}

// Lets go of the sound, so that the browser no longer says that the microphone is on.
function release(session) {
  session.stream?.getTracks().forEach(track => track.stop());
  session.node?.disconnect();
}

element("microphone").onclick = () => listen(async session => {
  if (!navigator.mediaDevices) throw new Error("Browsers give microphones to pages by HTTPS or from this machine only.");
  session.stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const node = new MediaStreamAudioSourceNode(session.context, { mediaStream: session.stream });
  return { node, start: () => { }, isHeard: false };
});

element("file").onchange = event => {
  const file = event.target.files[0];
  if (!file) return;
  listen(async session => {
    const buffer = await session.context.decodeAudioData(await file.arrayBuffer());
    session.left = buffer.length;
    const node = new AudioBufferSourceNode(session.context, { buffer });
    node.onended = () => finish(session);
    return { node, start: () => node.start(), isHeard: true };
  });
};

// So that the same file can be chosen again.
element("file").onclick = event => { event.target.value = ""; };

element("stop").onclick = () => {
  if (current?.socket?.readyState === 1) {
    finish(current);
    release(current);
  } else {
    stop();
  }
};
element("key").onchange = loadModels;
loadModels().catch(error => say(error.message, true));
