// A confusion matrix whose cells open their clips; arrow keys go from cell to cell.
function drawConfusion(section) {
  const { labels, counts } = section;
  const name = index => labels[index] >= 0 ? className(labels[index]) : section.others;
  const cells = counts.map(() => []);
  const rows = counts.map((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return element("tr", null,
      element("th", { scope: "row", title: name(actual) }, ...named(name(actual))),
      ...row.map((count, predicted) => {
        if (count === 0) return element("td", null, element("span", { class: "hidden", text: "0" }));
        const part = count / total;
        const cell = button(count.toLocaleString("en"), () => open(actual, predicted), {
          class: `cell ${actual === predicted ? "right" : "wrong"}`,
          "aria-label": `${name(actual)} taken for ${name(predicted)}: ${count} of ${total} clips`,
          title: `${name(actual)} taken for ${name(predicted)}: ${count} of ${total} clips`,
          tabindex: -1,
        });
        cell.style.setProperty("--part", part.toFixed(3));
        cell.addEventListener("keydown", event => move(event, actual, predicted));
        cells[actual][predicted] = cell;
        return element("td", null, cell);
      }));
  });
  cells.flat().find(cell => cell)?.setAttribute("tabindex", 0);

  function move(event, actual, predicted) {
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
    if (down === 0 && right === 0) return;
    event.preventDefault();
    let [row, column] = [actual + down, predicted + right];
    while (cells[row] && column >= 0 && column < counts.length && !cells[row][column]) {
      [row, column] = [row + down, column + right];
    }
    const next = cells[row]?.[column];
    if (!next) return;
    event.target.setAttribute("tabindex", -1);
    next.setAttribute("tabindex", 0);
    next.focus();
  }

  const listed = new Set(labels);
  const fits = (label, index) => labels[index] >= 0 ? label === labels[index] : !listed.has(label);

  function open(actual, predicted) {
    const found = [];
    data.clips.forEach((clip, index) => {
      if (fits(clip.e[section.part], actual) && fits(clip.p[section.part], predicted)) found.push(index);
    });
    showClips(`${name(actual)} taken for ${name(predicted)}`, found);
  }

  const table = element("table", { class: "confusion" },
    element("caption", { class: "hidden", text: section.title }),
    element("thead", null, element("tr", null, element("td"),
      ...labels.map((_, index) => element("th", { scope: "col", title: name(index) }, ...named(name(index)))))),
    element("tbody", null, ...rows));
  const longest = Math.max(...labels.map((_, index) => name(index).length));
  table.style.setProperty("--head", `${Math.min(12, 1.5 + 0.6 * longest)}rem`);
  return [
    element("p", null, "Rows are what clips are, columns what they were taken for. ",
      element("span", { class: "filter", text: "Choose a cell to see its clips." })),
    scroller(`${section.title}, matrix`, table)];
}
