/* Halfsky: the drawing of a case in bpmn-js, done and current steps marked. The SVG beneath stays for paper and no script. */
"use strict";

/* The whole drawing where it stays legible; on a narrow screen the current step in the middle, at a size that can be read. */
function open(drawn, known, now) {
  drawn.zoom("fit-viewport");
  const step = now.map((id) => known.get(id)).find(Boolean);
  if (!step || drawn.zoom() >= 0.5) return;
  const { width, height } = drawn.getSize();
  const scale = 0.8;
  drawn.viewbox({
    x: step.x + step.width / 2 - width / scale / 2,
    y: step.y + step.height / 2 - height / scale / 2,
    width: width / scale,
    height: height / scale,
  });
}

/* One drawing of the page: a case that went on with a further process has several. */
async function show(box) {
  const canvas = box.querySelector(".canvas");
  const paper = box.querySelector(".diagram");
  try {
    const answer = await fetch(canvas.dataset.source, { headers: { Accept: "application/xml" } });
    if (!answer.ok) return;
    canvas.hidden = false;
    const viewer = new window.BpmnJS({ container: canvas });
    await viewer.importXML(await answer.text());
    const drawn = viewer.get("canvas");
    const known = viewer.get("elementRegistry");
    const mark = (ids, name) => JSON.parse(ids || "[]").forEach((id) => known.get(id) && drawn.addMarker(id, name));
    mark(canvas.dataset.done, "done");
    mark(canvas.dataset.now, "now");
    open(drawn, known, JSON.parse(canvas.dataset.now || "[]"));
    paper.classList.add("print-diagram");
    paper.hidden = true;
    box.querySelectorAll("[data-zoom]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        const step = Number(button.dataset.zoom);
        drawn.zoom(step === 0 ? "fit-viewport" : drawn.zoom() * step, "auto");
      });
    });
  } catch {
    canvas.hidden = true;
  }
}

document.addEventListener("DOMContentLoaded", () => {
  if (window.BpmnJS) document.querySelectorAll("[data-drawing]").forEach(show);
});
