const drawings = {
  numbers: drawNumbers,
  facts: drawFacts,
  code: drawCode,
  table: drawTable,
  curves: drawCurves,
  panels: drawPanels,
  confusion: drawConfusion,
  clips: drawClipList,
  threshold: drawThreshold,
};

function drawPage() {
  const main = document.getElementById("main");
  const links = document.getElementById("sections");
  const add = (id, title, nodes) => {
    const heading = element("h2", { id: `${id}-title`, text: title });
    main.append(element("section", { id, "aria-labelledby": heading.id }, heading, ...nodes.filter(node => node)));
    return element("li", null, element("a", { href: `#${id}`, text: title }));
  };
  document.getElementById("title").textContent = data.title;
  document.getElementById("made").textContent = data.made;
  data.sections.forEach((section, index) => {
    const about = section.about ? [element("p", { class: "about", text: section.about })] : [];
    links.append(add(`section${index}`, section.title, [...about, ...drawings[section.kind](section)]));
  });
  if (data.clips.length > 0) {
    add("chosen", "Chosen clips", [chosenTitle, chosenBack, chosenClips, chosenMore]);
    document.getElementById("chosen").hidden = true;
  }
  document.documentElement.dataset.ready = "true";
}

drawPage();
