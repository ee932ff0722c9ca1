const chosenClips = element("div", { class: "cards" });
const chosenTitle = element("h3", { tabindex: -1 });
const chosenMore = element("div");
const chosenBack = button("Back", () => opener?.focus());
let opener = null;
let threshold = 0;
const timelines = new Set();

// Opens clips below the page's "Clips" heading: numbers of clips, or a class whose clips are wanted.
function showClips(title, clips) {
  const found = Array.isArray(clips) ? clips : data.clips.flatMap((clip, index) =>
    clip.e.includes(clips) || clip.p.includes(clips) ? [index] : []);
  opener = document.activeElement;
  const count = `${found.length.toLocaleString("en")} ${found.length === 1 ? "clip" : "clips"}`;
  chosenTitle.replaceChildren(...named(title), `: ${count}`);
  chosenClips.replaceChildren();
  // Clips that can be heard come first.
  const heard = [...found.filter(index => data.clips[index].w), ...found.filter(index => !data.clips[index].w)];
  chosenMore.replaceChildren(portions(chosenClips, heard, 8, drawClip, "clips"));
  document.getElementById("chosen").hidden = false;
  chosenTitle.focus();
  chosenTitle.scrollIntoView({ block: "start" });
}

function drawClipList(section) {
  const cards = element("div", { class: "cards" });
  if (section.clips.length === 0) return [element("p", { text: "There are none." })];
  return [cards, portions(cards, section.clips, 8, drawClip, "clips")];
}

function drawClip(index) {
  const clip = data.clips[index];
  const title = clip.n ?? (clip.f ? fileName(clip.f) : `row ${clip.r}`);
  const picture = element("div", { class: "picture" });
  if (clip.i) picture.append(element("img", { src: clip.i, alt: `Spectrogram of ${title}` }));
  const card = element("article", { class: "card" }, element("h3", null, ...named(title)), picture);
  if (clip.ref) {
    // The picture is as long on the timeline as what is in the page.
    if (clip.k) picture.style.width = `${Math.min(100, 100 * clip.k / lengthOf(clip))}%`;
    card.append(drawTimeline(clip, title));
  }
  if (clip.w) {
    const cursor = element("div", { class: "cursor", hidden: true });
    picture.append(cursor);
    const play = button("▶ Play", () => {
      const audio = element("audio", { controls: true, src: clip.w, "aria-label": title });
      audio.addEventListener("timeupdate", () => {
        cursor.hidden = false;
        cursor.style.left = `${100 * audio.currentTime / (audio.duration || 1)}%`;
      });
      play.replaceWith(audio);
      audio.play().catch(() => {});
      audio.focus();
    }, { "aria-label": `Play ${title}` });
    card.append(play);
  }
  if (!clip.ref) {
    card.append(element("dl", { class: "labels" },
      element("dt", { text: "Is" }), element("dd", null, ...named(clip.e.map(className).join(", ") || "none of the classes")),
      element("dt", { text: "Found" }), element("dd", null, drawScores(clip))));
  }
  const where = [];
  if (clip.f) where.push(clip.f);
  if (clip.o) where.push(`from ${seconds(clip.o)}`);
  if (clip.d) where.push(`${seconds(clip.d)} long`);
  if (!clip.n) where.push(`row ${clip.r}`);
  card.append(element("p", { class: "where", text: where.join(", ") }));
  if (clip.x) card.append(element("p", { class: "problem", text: clip.x }));
  else if (clip.f && !clip.w) card.append(element("p", { class: "where", text: "Its sound is not in this page." }));
  return card;
}

function drawScores(clip) {
  return element("ul", { class: "scores" }, ...clip.s.map(([label, score]) => {
    const bar = element("span", { class: `bar ${clip.e.includes(label) ? "right" : "wrong"}`, "aria-hidden": "true" });
    bar.style.setProperty("--part", Math.max(0, Math.min(1, score)).toFixed(3));
    return element("li", null, bar, element("span", null, ...named(className(label)),
      ` ${format(score)}${clip.e.includes(label) ? " ✓" : ""}`));
  }));
}

const lengthOf = clip =>
  clip.d || Math.max(clip.k ?? 1, ...clip.ref.map(item => item[2]), ...clip.det.map(item => item[2]));

// Expected events above found ones, a lane for each class; found ones below the threshold are hidden.
function drawTimeline(clip, title) {
  const lanes = element("div", { class: "lanes", role: "group", "aria-label": `Events of ${title}` });
  const length = lengthOf(clip);
  const draw = () => {
    const found = clip.det.filter(item => item[3] >= threshold);
    const labels = [...new Set([...clip.ref, ...clip.det].map(item => item[0]))].sort((a, b) => a - b);
    lanes.replaceChildren(...labels.map(label => {
      const expected = clip.ref.filter(item => item[0] === label);
      const seen = found.filter(item => item[0] === label);
      const times = item => `${seconds(item[1])} to ${seconds(item[2])}`;
      const scored = item => `${times(item)}, score ${format(item[3])}`;
      const words = [
        `expected ${expected.map(times).join(", ") || "nothing"}`, `found ${seen.map(scored).join("; ") || "nothing"}`];
      const track = element("div", { class: "track", role: "img", "aria-label": `${className(label)}: ${words.join("; ")}` });
      expected.forEach(item => track.append(block(item, "expected", times(item))));
      seen.forEach(item => track.append(block(item, "found", scored(item))));
      return element("div", { class: "lane" }, element("span", { class: "lane-name" }, ...named(className(label))), track);
    }));
    if (labels.length === 0) lanes.append(element("p", { text: "No events, neither expected nor found." }));
  };
  const block = (item, kind, title) => {
    const part = element("div", { class: `event ${kind}`, title });
    part.style.left = `${100 * Math.max(0, Math.min(1, item[1] / length))}%`;
    part.style.width = `${100 * Math.max(0.004, Math.min(1, (item[2] - item[1]) / length))}%`;
    if (kind === "found") part.style.opacity = (0.45 + 0.55 * Math.max(0, Math.min(1, item[3]))).toFixed(2);
    return part;
  };
  draw();
  timelines.add({ lanes, draw });
  return lanes;
}

function drawThreshold(section) {
  const slider = element("input", { type: "range", id: newId(), min: section.from, max: section.to, step: "any" });
  const said = status();
  const set = () => {
    threshold = Number(slider.value);
    said.textContent = `Found events of a score of ${format(threshold)} or more are shown.`;
    timelines.forEach(timeline => {
      if (timeline.lanes.isConnected) timeline.draw();
      else timelines.delete(timeline);
    });
  };
  slider.value = section.from;
  slider.addEventListener("input", set);
  said.textContent = "All found events are shown.";
  return [
    element("p", { class: "filter" }, element("label", { for: slider.id, text: "Threshold of the score " }), slider), said,
    element("ul", { class: "legend" },
      element("li", null, element("span", { class: "swatch expected", "aria-hidden": "true" }), "expected"),
      element("li", null, element("span", { class: "swatch found", "aria-hidden": "true" }),
        "found, stronger where the score is higher"))];
}
