const plotSize = { left: 76, top: 12, width: 500, height: 320, right: 16, bottom: 46 };

function place(axis, value) {
  return axis.log
    ? (Math.log(value) - Math.log(axis.from)) / (Math.log(axis.to) - Math.log(axis.from))
    : (value - axis.from) / (axis.to - axis.from);
}

const plotX = (axis, value) => plotSize.left + plotSize.width * place(axis, value);

const plotY = (axis, value) => plotSize.top + plotSize.height * (1 - place(axis, value));

// Axes with grid and labels; the ticks come with the data.
function drawPlot(x, y, label) {
  const { left, top, width, height, right, bottom } = plotSize;
  const plot = shape("svg", {
    class: "plot", viewBox: `0 0 ${left + width + right} ${top + height + bottom}`, role: "img", "aria-label": label,
  });
  for (const [value, text] of x.ticks) {
    const at = plotX(x, value);
    plot.append(
      shape("line", { class: "grid", x1: at, x2: at, y1: top, y2: top + height }),
      shape("text", { x: at, y: top + height + 18, "text-anchor": "middle", text }));
  }
  for (const [value, text] of y.ticks) {
    const at = plotY(y, value);
    plot.append(
      shape("line", { class: "grid", x1: left, x2: left + width, y1: at, y2: at }),
      shape("text", { x: left - 8, y: at + 4, "text-anchor": "end", text }));
  }
  plot.append(
    shape("line", { class: "axis", x1: left, x2: left, y1: top, y2: top + height }),
    shape("line", { class: "axis", x1: left, x2: left + width, y1: top + height, y2: top + height }),
    shape("text", { x: left + width / 2, y: top + height + 38, "text-anchor": "middle", text: x.label }),
    shape("text", {
      x: 14, y: top + height / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${top + height / 2})`, text: y.label,
    }));
  return plot;
}

// Curves over common axes: one that is chosen, or all; the point under the pointer is named in words.
function drawCurves(section) {
  const { x, y, curves } = section;
  const holder = element("div", { class: "plot-holder" });
  const said = element("p", { class: "point", role: "status" });
  const slider = element("input", { type: "range", id: newId(), min: 0, step: 1 });
  const choice = element("select", { id: newId() });
  const printed = element("p", { class: "printed" });
  curves.forEach((curve, index) => choice.append(element("option", { value: index, text: curve.name })));
  let chosen = curves[0];
  let marker = null;

  function draw() {
    chosen = curves[Number(choice.value) || 0];
    printed.textContent = `Curve of ${chosen.name}`;
    const plot = drawPlot(x, y, `${section.title}: ${chosen.name}. ${y.label} against ${x.label}; the slider reads its points.`);
    if (section.diagonal) {
      plot.append(shape("line", {
        class: "diagonal", x1: plotX(x, x.from), y1: plotY(y, y.from), x2: plotX(x, x.to), y2: plotY(y, y.to),
      }));
    }
    (section.together ? curves : [chosen]).forEach((curve, index) => {
      const points = curve.x.map((value, point) => [value, curve.y[point]]).filter(([, value]) => value !== null);
      const color = `series series${section.together ? index % 6 : 0}`;
      plot.append(shape("polyline", {
        class: color, points: points.map(([a, b]) => `${plotX(x, a).toFixed(1)},${plotY(y, b).toFixed(1)}`).join(" "),
      }));
      if (section.dots) {
        points.forEach(([a, b]) => plot.append(shape("circle", { class: color, cx: plotX(x, a), cy: plotY(y, b), r: 3.5 })));
      }
    });
    marker = shape("circle", { class: "marker", r: 6 });
    plot.append(marker);
    plot.addEventListener("pointermove", event => {
      const box = plot.getBoundingClientRect();
      const scale = (plotSize.left + plotSize.width + plotSize.right) / box.width;
      read(nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale));
    });
    holder.replaceChildren(plot);
    slider.max = chosen.x.length - 1;
    slider.value = Math.floor(chosen.x.length / 2);
    slider.disabled = chosen.x.length === 0;
    read(Number(slider.value));
  }

  function nearest(left, top) {
    let [best, least] = [0, Infinity];
    for (let point = 0; point < chosen.x.length; point++) {
      if (chosen.y[point] === null) continue;
      const distance = Math.hypot(plotX(x, chosen.x[point]) - left, plotY(y, chosen.y[point]) - top);
      if (distance < least) [best, least] = [point, distance];
    }
    return best;
  }

  function read(point) {
    const value = chosen.y[point];
    marker.setAttribute("visibility", value === null || value === undefined ? "hidden" : "visible");
    if (chosen.x.length === 0) {
      said.textContent = "There are no points.";
      return;
    }
    slider.value = point;
    if (value !== null) {
      marker.setAttribute("cx", plotX(x, chosen.x[point]));
      marker.setAttribute("cy", plotY(y, value));
    }
    const parts = [];
    if (chosen.t?.[point] !== undefined && chosen.t[point] !== null) parts.push(`${section.t} ${format(chosen.t[point])}`);
    parts.push(`${x.label} ${format(chosen.x[point])}`, `${y.label} ${format(value)}`);
    if (chosen.n) parts.push(`${format(chosen.n[point])} ${section.n}`);
    said.textContent = parts.join(", ");
    slider.setAttribute("aria-valuetext", said.textContent);
  }

  choice.addEventListener("change", draw);
  slider.addEventListener("input", () => read(Number(slider.value)));
  draw();
  const legend = section.together && curves.length > 1 ? element("ul", { class: "legend" }, ...curves.map((curve, index) =>
    element("li", null, element("span", { class: `swatch series${index % 6}`, "aria-hidden": "true" }), curve.name))) : null;
  return [
    curves.length > 1 ? element("p", { class: "filter" },
      element("label", { for: choice.id, text: section.together ? "Read points of " : "Curve of " }), choice) : null,
    curves.length > 1 && !section.together ? printed : null, legend, holder,
    element("p", { class: "filter" }, element("label", { for: slider.id, text: "Point " }), slider), said];
}

// The metric of trials against each parameter: a panel for each, a mark for each trial.
function drawPanels(section) {
  const said = status();
  const panels = section.panels.map(panel => {
    const plot = drawPlot(panel.x, panel.y, `${panel.y.label} against ${panel.x.label}, ${panel.marks.length} trials`);
    for (const [x, y, state, text] of panel.marks) {
      const mark = shape("circle", {
        class: `mark ${state}`, cx: plotX(panel.x, x), cy: plotY(panel.y, y), r: state === "best" ? 7 : 5,
      }, shape("title", { text }));
      mark.addEventListener("pointerenter", () => { said.textContent = text; });
      plot.append(mark);
    }
    return element("div", { class: "panel" }, plot);
  });
  const legend = element("ul", { class: "legend" }, ...[["completed", "completed"], ["pruned", "ended early"], ["best", "best"]]
    .map(([state, text]) => element("li", null, element("span", { class: `swatch ${state}`, "aria-hidden": "true" }), text)));
  return [legend, said, element("div", { class: "panels" }, ...panels)];
}
