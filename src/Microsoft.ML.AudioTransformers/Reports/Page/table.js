// A table that is sorted by its headings and filtered by text.
function drawTable(section) {
  const { columns, rows } = section;
  const first = rows.map((_, index) => index);
  let order = first;
  let sorted = { column: -1, descending: false };
  const filter = element("input", { type: "search", id: newId(), autocomplete: "off" });
  const said = status();
  const body = element("tbody");
  const rest = element("div");
  const headings = columns.map((column, index) => element(
    "th", { scope: "col", class: column.kind, title: column.meaning },
    button(column.name, () => sort(index))));
  const table = element(
    "table", null, element("caption", { class: "hidden", text: section.title }),
    element("thead", null, element("tr", null, ...headings)), body);

  function sort(column) {
    // Text begins with a, numbers with the greatest.
    const descending = sorted.column === column ? !sorted.descending : columns[column].kind !== "text";
    sorted = { column, descending };
    const sign = descending ? -1 : 1;
    const values = rows.map(row => row[column]);
    order = first.slice().sort((left, right) => {
      const [a, b] = [values[left], values[right]];
      if (a === null || b === null) return (a === null) - (b === null) || left - right;
      const compared = typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en");
      return sign * compared || left - right;
    });
    headings.forEach((heading, index) => {
      if (index === column) heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
    draw();
  }

  function draw() {
    const text = filter.value.trim().toLocaleLowerCase("en");
    const found = text === "" ? order : order.filter(index => rows[index].some((value, column) =>
      columns[column].kind === "text" && String(value).toLocaleLowerCase("en").includes(text)));
    body.replaceChildren();
    rest.replaceChildren(portions(body, found, 50, drawRow, section.noun));
    said.textContent = `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} ${section.noun}`;
  }

  function drawRow(index) {
    const opens = section.opens?.[index];
    const title = rows[index].filter((_, column) => columns[column].kind === "text").join(" taken for ");
    return element("tr", null, ...rows[index].map((value, column) => {
      const { kind } = columns[column];
      const text = kind === "text" ? String(value) : kind === "share" ? share(value) : format(value);
      if (column > 0) return element("td", { class: kind }, ...named(text));
      return opens !== undefined && opens !== null
        ? element("th", { scope: "row" }, button(text, () => showClips(title, opens), { class: "link" }))
        : element("th", { scope: "row" }, ...named(text));
    }));
  }

  filter.addEventListener("input", draw);
  draw();
  return [
    rows.length > 8 ? element("p", { class: "filter" },
      element("label", { for: filter.id, text: `Filter ${section.noun} ` }), filter) : null,
    said, scroller(`${section.title}, table`, table), rest,
    element("dl", { class: "meanings" }, ...columns.filter(column => column.meaning).flatMap(column => [
      element("dt", { text: column.name }), element("dd", { text: column.meaning })])),
  ];
}

function drawNumbers(section) {
  return [element("div", { class: "numbers" }, ...section.items.map(item => element(
    "div", { class: "number" },
    element("h3", { text: item.name }),
    element("p", { class: "value", text: format(item.value) }),
    item.low !== null && item.high !== null ? element("p", {
      class: "interval", text: `${format(item.low)} to ${format(item.high)} (${Math.round(100 * item.level)} % interval)`,
    }) : null,
    element("p", { class: "meaning", text: item.meaning }))))];
}

function drawFacts(section) {
  const rows = section.items.map(([name, value]) => element(
    "tr", null, element("th", { scope: "row", text: name }), element("td", { text: value })));
  const table = element("table", { class: "facts" },
    element("caption", { class: "hidden", text: section.title }), element("tbody", null, ...rows));
  return [section.folded
    ? element("details", null, element("summary", { text: `${rows.length} options` }), scroller(`${section.title}, table`, table))
    : scroller(`${section.title}, table`, table)];
}

function drawCode(section) {
  return [
    element("pre", { tabindex: 0, role: "region", "aria-label": `${section.title}, text` },
      element("code", { text: section.text })),
    copyButton(section.text, "Copy the code")];
}
