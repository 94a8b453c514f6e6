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

document.addEventListener("DOMContentLoaded", async () => {
  const canvas = document.getElementById("canvas");
  if (!canvas || !window.BpmnJS) return;
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
    document.getElementById("drawing").classList.add("print-diagram");
    document.getElementById("drawing").hidden = true;
    document.querySelectorAll("[data-zoom]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        const step = Number(button.dataset.zoom);
        drawn.zoom(step === 0 ? "fit-viewport" : drawn.zoom() * step, "auto");
      });
    });
  } catch {
    canvas.hidden = true;
  }
});
