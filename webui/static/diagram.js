/* Halfsky: the drawing of a case in bpmn-js, done and current steps marked. The SVG beneath stays for paper and no script. */
"use strict";

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
    drawn.zoom("fit-viewport");
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
